-- needs: routing/best_waiting
-- The agent can serve from now on. The dispatchers are told if it has whom to serve.
local function become_available(center, agent, skills)
  call('ZADD', center .. KEY_AVAILABLE, NOW_TEXT, agent)
  for _, skill in ipairs(skills) do
    call('ZADD', center .. KEY_AVAILABLE .. skill, NOW_TEXT, agent)
  end
  if call('EXISTS', center .. KEY_HEADS) == 1 and best_waiting(center, skills) then
    mark(center, WORK_AGENT, agent)
  end
end
