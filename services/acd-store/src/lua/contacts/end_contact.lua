-- Ends contacts, and frees the agents that have them.
-- ARGV, three for each from 2 on: id, what an assigned contact becomes, what a queued one becomes
-- (empty: refused)
-- Returns for each {document}, or when it is refused {false, code, state}: NO_CENTER, NO_CONTACT,
-- CONFLICT. Repeat: changes nothing.
local ended, handle_ms = {}, 0 -- ended: kind of event → how many

local answers = each(3, function(id, if_assigned, if_queued)
  local key = contact_key(id)
  local state, agent, signature, queued_at, assigned_at = unpack(doc_get(key,
    'state', 'agent', 'signature', 'queued_at_ms', 'assigned_at_ms'))
  if not state then
    return { false, call('EXISTS', KEYS[5]) == 1 and 'NO_CONTACT' or 'NO_CENTER', '' }
  end
  if state == if_assigned or state == if_queued then
    return { doc_read(key) }
  end
  local ending = state == 'assigned' and if_assigned or state == 'queued' and if_queued or ''
  if ending == '' then
    return { false, 'CONFLICT', state }
  end

  doc_set(key, 'state', quote(ending), 'ended_at_ms', NOW_TEXT)
  retire(id)
  local fields = ',"contact":' .. quote(id)
  if state == 'assigned' then
    call('ZREM', CENTER .. 'assigned', id)
    fields = fields .. ',"agent":' .. quote(agent)
    if ending == 'completed' then
      local handled = math.max(0, NOW - assigned_at) -- a failover may set the clock back
      handle_ms = handle_ms + handled
      fields = fields .. ',"handle_ms":' .. int(handled)
    end
  else
    dequeue(id, signature)
    local waited = math.max(0, NOW - queued_at)
    fields = fields .. ',"wait_ms":' .. int(waited)
    if ending == 'abandoned' then
      local short = tonumber(call('HGET', KEYS[5], 'short_abandon_s')) * 1000
      if doc_get(key, 'requeues')[1] then -- it was answered before, and counts as that
        call('HINCRBY', CENTER .. 'counters', 'abandoned_after_answer', '1')
      elseif waited < short then
        call('HINCRBY', CENTER .. 'counters', 'short_abandoned', '1')
      end
    end
  end
  log('contact.' .. ending, fields)
  ended['contact.' .. ending] = (ended['contact.' .. ending] or 0) + 1
  if state == 'assigned' then
    release(agent)
  end
  return { doc_read(key) }
end)
for kind, times in pairs(ended) do
  count(kind, times)
end
if handle_ms > 0 then
  call('HINCRBY', CENTER .. 'counters', 'handle_ms', int(handle_ms))
end
return answers
