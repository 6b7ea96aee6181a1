-- The agent can serve from now on. The dispatchers are told if it has whom to serve.
local function become_available(agent, skills)
  call('ZADD', CENTER .. AVAILABLE, NOW_TEXT, agent)
  for _, skill in ipairs(skills) do
    call('ZADD', CENTER .. AVAILABLE .. skill, NOW_TEXT, agent)
  end
  if call('EXISTS', CENTER .. 'heads:') == 1 and best_waiting(skills) then
    mark('a', agent)
  end
end
