-- needs: agents/agents, agents/free
-- What agents want, as it is set.

-- Sets what the agent wants; a busy one goes there when its contact has ended. Nothing happens
-- when it is there, or bound there, already: its place among the available stays. False when there is no such agent.
local function set_presence(center, agent, presence, reason)
  local key = agent_key(center, agent)
  local was, was_reason, contact, next_presence, next_reason, skills = unpack(doc_get(key,
    'presence', 'reason', 'contact', 'next_presence', 'next_reason', 'skills'))
  if not was then
    return false
  end
  if not contact then
    if was ~= presence then
      go_to(center, agent, skills, was, presence, reason)
    elseif was_reason ~= reason then
      doc_set(key, 'reason', reason_text(reason))
      emit(center, EVENT_AGENT_PRESENCE, ',"agent":' .. quote(agent) .. ',"presence":' .. quote(presence)
        .. ',"reason":' .. reason_text(reason))
    end
    return true
  end
  local wanted = presence ~= PRESENCE_READY and presence or false
  if next_presence ~= wanted or next_reason ~= reason then
    doc_set(key, 'next_presence', wanted and quote(wanted) or 'null',
      'next_reason', reason_text(reason))
    emit(center, EVENT_AGENT_PRESENCE, ',"agent":' .. quote(agent) .. ',"presence":' .. quote(PRESENCE_READY)
      .. ',"reason":null,"next_presence":' .. (wanted and quote(wanted) or 'null')
      .. ',"next_reason":' .. reason_text(reason))
  end
  return true
end
