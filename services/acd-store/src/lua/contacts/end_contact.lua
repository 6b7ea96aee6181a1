-- needs: agents/free, base/batch, base/refusals, contacts/contacts, contacts/retention, routing/dequeue
-- Ends contacts, and frees the agents that have them.
-- ARGV, three for each from 2 on: id, what an assigned contact becomes, what a queued one becomes
-- (empty: refused)
-- Returns for each {document}, or when it is refused {false, code, state}: NO_CENTER, NO_CONTACT,
-- CONFLICT. Repeat: changes nothing.
local EVENT_OF = {
  [STATE_COMPLETED] = EVENT_CONTACT_COMPLETED, [STATE_ABANDONED] = EVENT_CONTACT_ABANDONED,
  [STATE_CANCELED] = EVENT_CONTACT_CANCELED,
}
local ended, handle_ms = {}, 0 -- ended: kind of event → how many

local answers = each(3, function(id, if_assigned, if_queued)
  local key = contact_key(CENTER, id)
  local state, agent, signature, queued_at, assigned_at = unpack(doc_get(key,
    'state', 'agent', 'signature', 'queued_at_ms', 'assigned_at_ms'))
  if not state then
    return { false, missing(REFUSAL_NO_CONTACT), '' }
  end
  if state == if_assigned or state == if_queued then
    return { doc_read(key) }
  end
  local ending = state == STATE_ASSIGNED and if_assigned or state == STATE_QUEUED and if_queued or ''
  if ending == '' then
    return { false, REFUSAL_CONFLICT, state }
  end

  doc_set(key, 'state', quote(ending), 'ended_at_ms', NOW_TEXT)
  retire(CENTER, id)
  local fields = ',"contact":' .. quote(id)
  if state == STATE_ASSIGNED then
    call('ZREM', CENTER .. KEY_ASSIGNED, id)
    fields = fields .. ',"agent":' .. quote(agent)
    if ending == STATE_COMPLETED then
      local handled = math.max(0, NOW - assigned_at) -- a failover may set the clock back
      handle_ms = handle_ms + handled
      fields = fields .. ',"handle_ms":' .. int(handled)
    end
  else
    dequeue(CENTER, id, signature)
    local waited = math.max(0, NOW - queued_at)
    fields = fields .. ',"wait_ms":' .. int(waited)
    if ending == STATE_ABANDONED then
      local short = tonumber(call('HGET', KEYS[5], 'short_abandon_s')) * 1000
      if doc_get(key, 'requeues')[1] then -- it was answered before, and counts as that
        call('HINCRBY', CENTER .. KEY_COUNTERS, 'abandoned_after_answer', '1')
      elseif waited < short then
        call('HINCRBY', CENTER .. KEY_COUNTERS, 'short_abandoned', '1')
      end
    end
  end
  local kind = EVENT_OF[ending]
  log(CENTER, kind, fields)
  ended[kind] = (ended[kind] or 0) + 1
  if state == STATE_ASSIGNED then
    release(CENTER, agent)
  end
  return { doc_read(key) }
end)
for kind, times in pairs(ended) do
  count(CENTER, kind, times)
end
if handle_ms > 0 then
  call('HINCRBY', CENTER .. KEY_COUNTERS, 'handle_ms', int(handle_ms))
end
return answers
