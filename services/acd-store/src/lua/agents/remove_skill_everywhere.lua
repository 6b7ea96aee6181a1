-- needs: agents/agents, agents/skills, base/refusals
-- Takes a skill from every agent that has it, some at a time.
-- ARGV: 2 skill, 3 how many agents at most
-- Returns how many it was taken from; fewer than asked for: it was the last. Refuses: NO_CENTER.
local skill = ARGV[2]
if call('EXISTS', KEYS[5]) == 0 then
  return no_such(REFUSAL_NO_CENTER)
end
local ids = call('SRANDMEMBER', CENTER .. KEY_SKILL .. skill, ARGV[3])

for _, id in ipairs(ids) do
  drop_skill(CENTER, id, doc_get(agent_key(CENTER, id), 'skills')[1], skill)
end
return #ids
