-- needs: base/refusals, checks/base
-- Checks that the counters equal what the event log and the indexes say.
-- Returns {0, 0, {invariant, subject, detail, …}}. Refuses: NO_CENTER.
-- Cost: O(events kept) while none was trimmed, else O(1).
if call('EXISTS', KEYS[5]) == 0 then
  return no_such(REFUSAL_NO_CENTER)
end
local counters, total = {}, 0
local flat = call('HGETALL', CENTER .. KEY_COUNTERS)
for i = 1, #flat, 2 do
  counters[flat[i]] = tonumber(flat[i + 1])
  if string.find(flat[i], '.', 1, true) then -- an event's; the sums have no dot
    total = total + tonumber(flat[i + 1])
  end
end
local function counted(kind)
  return counters[kind] or 0
end

local info, stream = call('XINFO', 'STREAM', CENTER .. KEY_EVENTS), {}
for i = 1, #info, 2 do
  stream[info[i]] = info[i + 1]
end
expect(stream['entries-added'] == total, 'counters', 'counters',
  'say ' .. int(total) .. ' events, the log had ' .. show(stream['entries-added']))
if stream['length'] == total and total <= 10000 then
  local logged = {}
  for _, entry in ipairs(call('XRANGE', CENTER .. KEY_EVENTS, '-', '+')) do
    local kind = entry[2][1]
    logged[kind] = (logged[kind] or 0) + 1
  end
  for kind, times in pairs(logged) do
    expect(counters[kind] == times, 'counters', 'counters',
      'say ' .. show(counters[kind]) .. ' ' .. kind .. ', the log ' .. times)
  end
end
local waiting, assigned = call('ZCARD', CENTER .. KEY_QUEUE), call('ZCARD', CENTER .. KEY_ASSIGNED)
local alive = counted(EVENT_CONTACT_QUEUED) - counted(EVENT_CONTACT_COMPLETED)
  - counted(EVENT_CONTACT_ABANDONED) - counted(EVENT_CONTACT_CANCELED)
expect(waiting + assigned == alive, 'lost', 'counters', int(alive) .. ' contacts should be alive, '
  .. int(waiting) .. ' wait and ' .. int(assigned) .. ' are assigned')
local agents = counted(EVENT_AGENT_CREATED) - counted(EVENT_AGENT_DELETED)
expect(call('ZCARD', CENTER .. KEY_AGENTS) == agents, 'counters', 'counters',
  'say ' .. int(agents) .. ' agents, there are ' .. int(call('ZCARD', CENTER .. KEY_AGENTS)))
return { 0, 0, violations }
