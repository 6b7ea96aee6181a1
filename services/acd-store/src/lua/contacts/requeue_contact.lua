-- needs: agents/free, base/refusals, contacts/contacts, contacts/requeue
-- Takes a contact from its agent and puts it back in its place in the queue.
-- ARGV: 2 id, 3 the agent to take it from (empty: whoever has it)
-- Returns 1. Refuses: NO_CENTER, NO_CONTACT, CONFLICT <state>. Repeat: with the agent
-- named nothing is changed, also when another one has it by then.
local id, from = ARGV[2], ARGV[3]
local key = contact_key(CENTER, id)
local state, agent = unpack(doc_get(key, 'state', 'agent'))
if not state then
  return no_such(REFUSAL_NO_CONTACT)
end
if state ~= STATE_QUEUED and state ~= STATE_ASSIGNED then
  return redis.error_reply(REFUSAL_CONFLICT .. ' ' .. state)
end

if state == STATE_ASSIGNED and (from == '' or from == agent) then
  requeue(CENTER, id, agent)
  release(CENTER, agent)
end
return 1
