-- needs: agents/agents, agents/skills, base/refusals
-- Takes a skill from an agent.
-- ARGV: 2 id, 3 skill
-- Returns its document. Refuses: NO_CENTER, NO_AGENT. Repeat: changes nothing.
local id, skill = ARGV[2], ARGV[3]
local key = agent_key(CENTER, id)
local skills = doc_get(key, 'skills')[1]
if not skills then
  return no_such(REFUSAL_NO_AGENT)
end

drop_skill(CENTER, id, skills, skill)
return doc_read(key)
