-- Checks that the counters equal what the event log and the indexes say.
-- Returns {0, 0, {invariant, subject, detail, …}}. Refuses: NO_CENTER.
-- Cost: O(events kept) while none was trimmed, else O(1).
if call('EXISTS', KEYS[5]) == 0 then
  return redis.error_reply('NO_CENTER no such center')
end
local counters, total = {}, 0
local flat = call('HGETALL', CENTER .. 'counters')
for i = 1, #flat, 2 do
  counters[flat[i]] = tonumber(flat[i + 1])
  if string.find(flat[i], '.', 1, true) then -- an event's; the sums have no dot
    total = total + tonumber(flat[i + 1])
  end
end
local function count(kind)
  return counters['contact.' .. kind] or 0
end

local info, stream = call('XINFO', 'STREAM', CENTER .. 'events'), {}
for i = 1, #info, 2 do
  stream[info[i]] = info[i + 1]
end
expect(stream['entries-added'] == total, 'counters', 'counters',
  'say ' .. int(total) .. ' events, the log had ' .. show(stream['entries-added']))
if stream['length'] == total and total <= 10000 then
  local logged = {}
  for _, entry in ipairs(call('XRANGE', CENTER .. 'events', '-', '+')) do
    local kind = entry[2][1]
    logged[kind] = (logged[kind] or 0) + 1
  end
  for kind, times in pairs(logged) do
    expect(counters[kind] == times, 'counters', 'counters',
      'say ' .. show(counters[kind]) .. ' ' .. kind .. ', the log ' .. times)
  end
end
local waiting, assigned = call('ZCARD', CENTER .. 'queue'), call('ZCARD', CENTER .. 'assigned')
local alive = count('queued') - count('completed') - count('abandoned') - count('canceled')
expect(waiting + assigned == alive, 'lost', 'counters', int(alive) .. ' contacts should be alive, '
  .. int(waiting) .. ' wait and ' .. int(assigned) .. ' are assigned')
local agents = (counters['agent.created'] or 0) - (counters['agent.deleted'] or 0)
expect(call('ZCARD', CENTER .. 'agents') == agents, 'counters', 'counters',
  'say ' .. int(agents) .. ' agents, there are ' .. int(call('ZCARD', CENTER .. 'agents')))
return { 0, 0, violations }
