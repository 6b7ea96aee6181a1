-- Reads a contact and, while it waits, what its estimated wait follows from.
-- ARGV: 2 id
-- Returns {document, position, queue position (both from 1, 0 unless queued), handling time in ms,
-- completed contacts, agents at work}. Refuses: NO_CENTER, NO_CONTACT.
local id = ARGV[2]
local key = contact_key(id)
local state, signature = unpack(doc_get(key, 'state', 'signature'))
if not state then
  return redis.error_reply(call('EXISTS', KEYS[5]) == 1 and 'NO_CONTACT no such contact' or 'NO_CENTER no such center')
end
if state ~= 'queued' then
  return { doc_read(key), 0, 0, '0', '0', 0 }
end
local handled = call('HMGET', CENTER .. 'counters', 'handle_ms', 'contact.completed')
return {
  doc_read(key),
  call('ZRANK', CENTER .. 'waiting:' .. signature, id) + 1,
  call('ZRANK', CENTER .. 'queue', id) + 1,
  handled[1] or '0',
  handled[2] or '0',
  call('ZCARD', CENTER .. 'available:') + call('ZCARD', CENTER .. 'assigned'),
}
