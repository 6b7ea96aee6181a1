-- needs: base/refusals, contacts/contacts
-- Reads a contact and, while it waits, what its estimated wait follows from.
-- ARGV: 2 id
-- Returns {document, position, queue position (both from 1, 0 unless queued), handling time in ms,
-- completed contacts, agents at work}. Refuses: NO_CENTER, NO_CONTACT.
local id = ARGV[2]
local key = contact_key(CENTER, id)
local state, signature = unpack(doc_get(key, 'state', 'signature'))
if not state then
  return no_such(REFUSAL_NO_CONTACT)
end
if state ~= STATE_QUEUED then
  return { doc_read(key), 0, 0, '0', '0', 0 }
end
local handled = call('HMGET', CENTER .. KEY_COUNTERS, 'handle_ms', EVENT_CONTACT_COMPLETED)
return {
  doc_read(key),
  call('ZRANK', CENTER .. KEY_WAITING .. signature, id) + 1,
  call('ZRANK', CENTER .. KEY_QUEUE, id) + 1,
  handled[1] or '0',
  handled[2] or '0',
  call('ZCARD', CENTER .. KEY_AVAILABLE) + call('ZCARD', CENTER .. KEY_ASSIGNED),
}
