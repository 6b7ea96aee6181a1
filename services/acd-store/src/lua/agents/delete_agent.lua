-- needs: agents/agents, agents/skills, base/refusals, contacts/requeue
-- Deletes an agent.
-- ARGV: 2 id, 3 force: 1 puts the contact of a busy agent back in its place in the queue, 0 refuses
-- Returns 1. Refuses: NO_CENTER, NO_AGENT, AGENT_BUSY.
local id, force = ARGV[2], ARGV[3] == '1'
local key = agent_key(CENTER, id)
local skills, contact = unpack(doc_get(key, 'skills', 'contact'))
if not skills then
  return no_such(REFUSAL_NO_AGENT)
end
if contact and not force then
  return redis.error_reply(REFUSAL_AGENT_BUSY .. ' it has a contact')
end

if contact then
  requeue(CENTER, contact, id)
end
leave_available(CENTER, id, skills)
call('SREM', CENTER .. KEY_NOT_READY, id)
call('ZREM', CENTER .. KEY_AGENTS, id)
for _, skill in ipairs(skills) do
  unindex_skill(CENTER, id, skill)
end
call('UNLINK', key)
emit(CENTER, EVENT_AGENT_DELETED, ',"agent":' .. quote(id))
return 1
