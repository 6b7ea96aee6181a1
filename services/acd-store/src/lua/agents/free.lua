-- Idle agents on their way: to a presence, and out of a contact.

-- JSON members of a presence event or document.
local function reason_text(reason)
  return reason and quote(reason) or 'null'
end

-- An idle agent goes to a presence that is not its own. skills: its skills; was: its presence.
local function go_to(agent, skills, was, presence, reason)
  local ready = presence == 'ready'
  if was == 'ready' then
    leave_available(agent, skills)
  elseif was == 'not_ready' then
    call('SREM', CENTER .. 'not_ready', agent)
  end
  if presence == 'not_ready' then
    call('SADD', CENTER .. 'not_ready', agent)
  end
  doc_set(agent_key(agent), 'presence', quote(presence), 'reason', reason_text(reason),
    'next_presence', 'null', 'next_reason', 'null', 'contact', 'null',
    'idle_since_ms', ready and NOW_TEXT or 'null')
  emit('agent.presence', ',"agent":' .. quote(agent) .. ',"presence":' .. quote(presence)
    .. ',"reason":' .. reason_text(reason))
  if ready then
    become_available(agent, skills)
  end
end

-- The agent's contact has ended or gone back to the queue.
local function release(agent)
  local key = agent_key(agent)
  local skills, next_presence, next_reason = unpack(doc_get(key,
    'skills', 'next_presence', 'next_reason'))
  if next_presence then
    go_to(agent, skills, 'busy', next_presence, next_reason)
  else
    doc_set(key, 'contact', 'null', 'idle_since_ms', NOW_TEXT)
    become_available(agent, skills)
  end
end
