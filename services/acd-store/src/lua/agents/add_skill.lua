-- needs: agents/agents, agents/skills, base/refusals
-- Gives an agent one more skill.
-- ARGV: 2 id, 3 skill, 4 the most skills an agent may have
-- Returns its document. Refuses: NO_CENTER, NO_AGENT, TOO_MANY_SKILLS. Repeat: changes nothing.
local id, skill, most = ARGV[2], ARGV[3], tonumber(ARGV[4])
local key = agent_key(CENTER, id)
local skills = doc_get(key, 'skills')[1]
if not skills then
  return no_such(REFUSAL_NO_AGENT)
end
local new, there = {}, false
for _, has in ipairs(skills) do
  new[#new + 1] = has
  there = there or has == skill
end
if not there and #skills >= most then
  return redis.error_reply(REFUSAL_TOO_MANY_SKILLS .. ' for one agent')
end

if not there then
  new[#new + 1] = skill
  table.sort(new, before)
  change_skills(CENTER, id, skills, new)
end
return doc_read(key)
