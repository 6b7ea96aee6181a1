-- needs: agents/agents, agents/available
-- Idle agents on their way: to a presence, and out of a contact.

-- JSON members of a presence event or document.
local function reason_text(reason)
  return reason and quote(reason) or 'null'
end

-- An agent without a contact goes to a presence that is not its own. skills: its skills; was: its
-- presence, nil for an agent whose contact has just ended: no index has it.
local function go_to(center, agent, skills, was, presence, reason)
  local ready = presence == PRESENCE_READY
  if was == PRESENCE_READY then
    leave_available(center, agent, skills)
  elseif was == PRESENCE_NOT_READY then
    call('SREM', center .. KEY_NOT_READY, agent)
  end
  if presence == PRESENCE_NOT_READY then
    call('SADD', center .. KEY_NOT_READY, agent)
  end
  doc_set(agent_key(center, agent), 'presence', quote(presence), 'reason', reason_text(reason),
    'next_presence', 'null', 'next_reason', 'null', 'contact', 'null',
    'idle_since_ms', ready and NOW_TEXT or 'null')
  emit(center, EVENT_AGENT_PRESENCE, ',"agent":' .. quote(agent) .. ',"presence":' .. quote(presence)
    .. ',"reason":' .. reason_text(reason))
  if ready then
    become_available(center, agent, skills)
  end
end

-- The agent's contact has ended or gone back to the queue.
local function release(center, agent)
  local key = agent_key(center, agent)
  local skills, next_presence, next_reason = unpack(doc_get(key,
    'skills', 'next_presence', 'next_reason'))
  if next_presence then
    go_to(center, agent, skills, nil, next_presence, next_reason)
  else
    doc_set(key, 'contact', 'null', 'idle_since_ms', NOW_TEXT)
    become_available(center, agent, skills)
  end
end
