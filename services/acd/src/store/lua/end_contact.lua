-- Ends a contact, and frees the agent that has it.
-- ARGV: 2 id, 3 what an assigned contact becomes, 4 what a queued one becomes; empty: refused
-- Returns its document. Refuses: NO_CENTER, NO_CONTACT, CONFLICT <state>. Repeat: changes nothing.
local id, if_assigned, if_queued = ARGV[2], ARGV[3], ARGV[4]
local key = contact_key(id)
local state, agent, signature, queued_at, assigned_at = unpack(doc_get(key,
  'state', 'agent', 'signature', 'queued_at_ms', 'assigned_at_ms'))
if not state then
  return redis.error_reply(call('EXISTS', KEYS[4]) == 1 and 'NO_CONTACT no such contact' or 'NO_CENTER no such center')
end
if state == if_assigned or state == if_queued then
  return doc_read(key)
end
local ending = state == 'assigned' and if_assigned or state == 'queued' and if_queued or ''
if ending == '' then
  return redis.error_reply('CONFLICT ' .. state)
end

doc_set(key, 'state', quote(ending), 'ended_at_ms', NOW_TEXT)
retire(id)
local fields = ',"contact":' .. quote(id)
if state == 'assigned' then
  call('ZREM', CENTER .. 'assigned', id)
  fields = fields .. ',"agent":' .. quote(agent)
  if ending == 'completed' then
    local handled = int(math.max(0, NOW - assigned_at)) -- a failover may set the clock back
    call('HINCRBY', CENTER .. 'counters', 'handle_ms', handled)
    fields = fields .. ',"handle_ms":' .. handled
  end
else
  dequeue(id, signature)
  local waited = math.max(0, NOW - queued_at)
  fields = fields .. ',"wait_ms":' .. int(waited)
  if ending == 'abandoned' then
    local short = tonumber(call('HGET', KEYS[4], 'short_abandon_s')) * 1000
    if doc_get(key, 'requeues')[1] then -- it was answered before, and counts as that
      call('HINCRBY', CENTER .. 'counters', 'abandoned_after_answer', '1')
    elseif waited < short then
      call('HINCRBY', CENTER .. 'counters', 'short_abandoned', '1')
    end
  end
end
emit('contact.' .. ending, fields)
if state == 'assigned' then
  release(agent)
end
return doc_read(key)
