-- Agents. An available one stands in `available:<skill>` for each of its skills, and in
-- `available:`, by the instant since which it is available. `not_ready` is the set of those who
-- are; `skill:<skill>` the set of those who have the skill, available or not.

local AVAILABLE = 'available:'

local function agent_key(agent)
  return CENTER .. 'agent:' .. agent
end

-- The agent can serve from now on.
local function become_available(agent, skills)
  call('ZADD', CENTER .. AVAILABLE, NOW_TEXT, agent)
  for _, skill in ipairs(skills) do
    call('ZADD', CENTER .. AVAILABLE .. skill, NOW_TEXT, agent)
  end
  if call('EXISTS', CENTER .. 'heads:') == 1 then -- somebody waits
    mark('a', agent)
  end
end

local function leave_available(agent, skills)
  call('ZREM', CENTER .. AVAILABLE, agent)
  for _, skill in ipairs(skills) do
    call('ZREM', CENTER .. AVAILABLE .. skill, agent)
  end
end
