-- needs: base/batch, base/refusals, contacts/contacts, contacts/retention, routing/enqueue
-- Creates contacts and queues them, or records that they were rejected.
-- ARGV, five for each from 2 on: id, skills (JSON), signature, priority, attributes (JSON or empty)
-- Returns for each {now_ms, false or why it was rejected, position}, or {document} when the id is
-- there already. Refuses: NO_CENTER. Repeat: changes nothing.
local open, max_waiting = unpack(call('HMGET', KEYS[5], 'open', 'max_waiting'))
if not open then
  return no_such(REFUSAL_NO_CENTER)
end
local waiting = max_waiting ~= '0' and call('ZCARD', CENTER .. KEY_QUEUE)
local queued, rejected = {}, 0 -- queued: {now, id, now, id, …}

local answers = each(5, function(id, skills, signature, priority, attributes)
  local key = contact_key(CENTER, id)
  if call('EXISTS', key) == 1 then
    return { doc_read(key) }
  end
  local reason = false
  if open == '0' then
    reason = REASON_CLOSED
  elseif waiting and waiting + #queued / 2 >= tonumber(max_waiting) then
    reason = REASON_QUEUE_FULL
  end

  -- A field costs its time again in Redis's own log and in its replicas: what goes without saying
  -- is left out.
  local fields = {
    'state', quote(reason and STATE_REJECTED or STATE_QUEUED), 'skills', skills,
    'signature', quote(signature), 'queued_at_ms', NOW_TEXT,
  }
  if priority ~= '0' then
    fields[#fields + 1] = 'priority'
    fields[#fields + 1] = priority
  end
  if attributes ~= '' then
    fields[#fields + 1] = 'attributes'
    fields[#fields + 1] = doc_verbatim(attributes)
  end
  if reason then
    doc_create(key, 'reason', quote(reason), 'ended_at_ms', NOW_TEXT, unpack(fields))
    retire(CENTER, id)
    log(CENTER, EVENT_CONTACT_REJECTED, ',"contact":' .. quote(id) .. ',"reason":' .. quote(reason))
    rejected = rejected + 1
    return { NOW, reason, 0 }
  end
  doc_create(key, unpack(fields))
  log(CENTER, EVENT_CONTACT_QUEUED, ',"contact":' .. quote(id) .. ',"skills":' .. skills .. ',"priority":' .. priority)
  queued[#queued + 1] = NOW_TEXT
  queued[#queued + 1] = id
  return { NOW, false, enqueue(CENTER, id, signature, NOW, priority) }
end)
if #queued > 0 then
  call('ZADD', CENTER .. KEY_QUEUE, unpack(queued))
end
count(CENTER, EVENT_CONTACT_QUEUED, #queued / 2)
count(CENTER, EVENT_CONTACT_REJECTED, rejected)
return answers
