-- Deletes an agent.
-- ARGV: 2 id, 3 force: 1 puts the contact of a busy agent back in its place in the queue, 0 refuses
-- Returns 1. Refuses: NO_CENTER, NO_AGENT, AGENT_BUSY.
local id, force = ARGV[2], ARGV[3] == '1'
local key = agent_key(id)
local skills, contact = unpack(doc_get(key, 'skills', 'contact'))
if not skills then
  return redis.error_reply(call('EXISTS', KEYS[5]) == 1 and 'NO_AGENT no such agent' or 'NO_CENTER no such center')
end
if contact and not force then
  return redis.error_reply('AGENT_BUSY it has a contact')
end

if contact then
  requeue(contact, id)
end
leave_available(id, skills)
call('SREM', CENTER .. 'not_ready', id)
call('ZREM', CENTER .. 'agents', id)
for _, skill in ipairs(skills) do
  unindex_skill(id, skill)
end
call('UNLINK', key)
emit('agent.deleted', ',"agent":' .. quote(id))
return 1
