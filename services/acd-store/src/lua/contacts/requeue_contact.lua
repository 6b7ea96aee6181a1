-- Takes a contact from its agent and puts it back in its place in the queue.
-- ARGV: 2 id, 3 the agent to take it from (empty: whoever has it)
-- Returns 1. Refuses: NO_CENTER, NO_CONTACT, CONFLICT <state>. Repeat: with the agent
-- named nothing is changed, also when another one has it by then.
local id, from = ARGV[2], ARGV[3]
local key = contact_key(id)
local state, agent = unpack(doc_get(key, 'state', 'agent'))
if not state then
  return redis.error_reply(call('EXISTS', KEYS[5]) == 1 and 'NO_CONTACT no such contact' or 'NO_CENTER no such center')
end
if state ~= 'queued' and state ~= 'assigned' then
  return redis.error_reply('CONFLICT ' .. state)
end

if state == 'assigned' and (from == '' or from == agent) then
  requeue(id, agent)
  release(agent)
end
return 1
