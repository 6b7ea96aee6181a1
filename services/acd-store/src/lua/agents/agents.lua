-- Agents. An available one stands in `available:<skill>` for each of its skills, and in
-- `available:`, by the instant since which it is available. `not_ready` is the set of those who
-- are; `skill:<skill>` the set of those who have the skill, available or not.

local AVAILABLE = 'available:'

local function agent_key(agent)
  return CENTER .. 'agent:' .. agent
end

local function leave_available(agent, skills)
  call('ZREM', CENTER .. AVAILABLE, agent)
  for _, skill in ipairs(skills) do
    call('ZREM', CENTER .. AVAILABLE .. skill, agent)
  end
end
