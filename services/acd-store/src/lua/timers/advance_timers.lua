-- needs: contacts/contacts
-- Does what is due in the partition: forgets ended contacts whose center's retention has passed.
-- ARGV: 2 how many timers, and how many contacts for each, at most
-- Returns how many contacts were forgotten. Repeat: finds nothing left to do.
local most = ARGV[2]
local forgotten = 0

local function purge(center, timer)
  local retention = call('HGET', center .. KEY_CONFIG, 'retention_s') * 1000
  local ended = center .. KEY_ENDED
  local old = call('ZRANGE', ended, '-inf', '(' .. int(NOW - retention), 'BYSCORE', 'LIMIT', 0, most)
  for _, contact in ipairs(old) do
    call('UNLINK', contact_key(center, contact))
    call('ZREM', ended, contact)
  end
  forgotten = forgotten + #old
  -- Who ends from now on is kept for the whole retention. A second at least, so that contacts are
  -- forgotten many at a time.
  local next = call('ZRANGE', ended, 0, 0, 'WITHSCORES')[2] or NOW
  local pause = #old < tonumber(most) and 1000 or 0
  call('ZADD', TIMERS, int(math.max(next + retention + 1, NOW + pause)), timer)
end

for _, timer in ipairs(call('ZRANGE', TIMERS, '-inf', int(NOW), 'BYSCORE', 'LIMIT', 0, most)) do
  local kind, center = string.match(timer, '^([^|]*)|([^|]*)')
  if kind == TIMER_PURGE then
    purge(PARTITION .. center .. ':', timer)
  else -- a newer release's; left to its dispatchers
    call('ZADD', TIMERS, int(NOW + 1000), timer)
  end
end
return forgotten
