-- needs: routing/parked, routing/signature
-- Into the queue.

-- True when every skill has somebody available: without that nobody can have them all.
local function maybe_servable(center, signature)
  if signature == '' then
    return call('EXISTS', center .. KEY_AVAILABLE) == 1
  end
  local keys = split(signature)
  for i = 1, #keys do
    keys[i] = center .. KEY_AVAILABLE .. keys[i]
  end
  return call('EXISTS', unpack(keys)) == #keys
end

-- Puts a contact in its place in its list, and leaves word for the dispatchers if it may be served
-- at once. Those behind the head of a list are not matched: the head would be served before them.
-- Returns its position, from 1. Who calls puts it in `queue`, too.
local function enqueue(center, contact, signature, queued_at, priority)
  local list = center .. KEY_WAITING .. signature
  local rank = int(queued_at - priority * 60000)
  call('ZADD', list, rank, contact)
  local ahead = call('ZRANK', list, contact)
  if ahead == 0 then
    if maybe_servable(center, signature) then
      head_lowered(center, signature, rank)
      mark(center, WORK_SIGNATURE, signature)
    else
      list_or_set_aside(center, signature, rank)
    end
  end
  return ahead + 1
end
