-- Agents. An available one stands in `available:<skill>` for each of its skills, and in
-- `available:`, by the instant since which it is available. `not_ready` is the set of those who
-- are; `skill:<skill>` the set of those who have the skill, available or not.

local function agent_key(center, agent)
  return center .. KEY_AGENT .. agent
end

local function leave_available(center, agent, skills)
  call('ZREM', center .. KEY_AVAILABLE, agent)
  for _, skill in ipairs(skills) do
    call('ZREM', center .. KEY_AVAILABLE .. skill, agent)
  end
end
