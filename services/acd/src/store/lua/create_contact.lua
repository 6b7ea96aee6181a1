-- Creates a contact and queues it, or records that it was rejected.
-- ARGV: 2 id, 3 skills (JSON), 4 signature, 5 priority, 6 attributes (JSON or empty)
-- Returns {1, now_ms, state, reason or false, position}, or {0, document} when the id is there already.
-- Refuses: NO_CENTER. Repeat: changes nothing.
local id, skills, signature, priority, attributes = unpack(ARGV, 2, 6)
local key = contact_key(id)
local open, max_waiting = unpack(call('HMGET', KEYS[4], 'open', 'max_waiting'))
if not open then
  return redis.error_reply('NO_CENTER no such center')
end
if call('EXISTS', key) == 1 then
  return { 0, doc_read(key) }
end
local reason = false
if open == '0' then
  reason = 'closed'
elseif max_waiting ~= '0' and call('ZCARD', CENTER .. 'queue') >= tonumber(max_waiting) then
  reason = 'queue_full'
end

local fields = {
  'state', reason and '"rejected"' or '"queued"', 'skills', skills,
  'signature', quote(signature), 'priority', priority, 'queued_at_ms', NOW_TEXT,
}
if attributes ~= '' then
  fields[#fields + 1] = 'attributes'
  fields[#fields + 1] = doc_verbatim(attributes)
end
if reason then
  doc_create(key, 'reason', quote(reason), 'ended_at_ms', NOW_TEXT, unpack(fields))
  retire(id)
  emit('contact.rejected', ',"contact":' .. quote(id) .. ',"reason":' .. quote(reason))
  return { 1, NOW, 'rejected', reason, 0 }
end
doc_create(key, unpack(fields))
emit('contact.queued', ',"contact":' .. quote(id) .. ',"skills":' .. skills .. ',"priority":' .. priority)
local position = enqueue(id, signature, NOW, priority)
return { 1, NOW, 'queued', false, position }
