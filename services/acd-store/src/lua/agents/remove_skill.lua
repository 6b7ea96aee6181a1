-- Takes a skill from an agent.
-- ARGV: 2 id, 3 skill
-- Returns its document. Refuses: NO_CENTER, NO_AGENT. Repeat: changes nothing.
local id, skill = ARGV[2], ARGV[3]
local key = agent_key(id)
local skills = doc_get(key, 'skills')[1]
if not skills then
  return redis.error_reply(call('EXISTS', KEYS[5]) == 1 and 'NO_AGENT no such agent' or 'NO_CENTER no such center')
end

drop_skill(id, skills, skill)
return doc_read(key)
