-- Back to the queue, in the place that its rank gives it, as if it had never left.
local function requeue(contact, agent)
  local key = contact_key(contact)
  local signature, queued_at, priority, requeues = unpack(doc_get(key,
    'signature', 'queued_at_ms', 'priority', 'requeues'))
  call('ZREM', CENTER .. 'assigned', contact)
  doc_set(key, 'state', '"queued"', 'agent', 'null', 'assigned_at_ms', 'null',
    'requeues', int((requeues or 0) + 1), 'requeued_at_ms', NOW_TEXT)
  emit('contact.requeued', ',"contact":' .. quote(contact) .. ',"agent":' .. quote(agent))
  call('ZADD', CENTER .. QUEUE, int(queued_at), contact)
  enqueue(contact, signature, queued_at, priority or 0)
end
