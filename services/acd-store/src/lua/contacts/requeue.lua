-- needs: contacts/contacts, routing/enqueue
-- Back to the queue, in the place that its rank gives it, as if it had never left.
local function requeue(center, contact, agent)
  local key = contact_key(center, contact)
  local signature, queued_at, priority, requeues = unpack(doc_get(key,
    'signature', 'queued_at_ms', 'priority', 'requeues'))
  call('ZREM', center .. KEY_ASSIGNED, contact)
  doc_set(key, 'state', quote(STATE_QUEUED), 'agent', 'null', 'assigned_at_ms', 'null',
    'requeues', int((requeues or 0) + 1), 'requeued_at_ms', NOW_TEXT)
  emit(center, EVENT_CONTACT_REQUEUED, ',"contact":' .. quote(contact) .. ',"agent":' .. quote(agent))
  call('ZADD', center .. KEY_QUEUE, int(queued_at), contact)
  enqueue(center, contact, signature, queued_at, priority or 0)
end
