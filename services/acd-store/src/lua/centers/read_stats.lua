-- Reads the figures of a center at one instant.
-- Returns {now_ms, config as name, value, …, counters likewise, waiting, queued_at_ms of the first
-- to come or false, assigned, agents, available, not ready}. Refuses: NO_CENTER.
local config = call('HGETALL', KEYS[5])
if #config == 0 then
  return redis.error_reply('NO_CENTER no such center')
end
return {
  NOW, config, call('HGETALL', CENTER .. 'counters'),
  call('ZCARD', CENTER .. 'queue'),
  call('ZRANGE', CENTER .. 'queue', 0, 0, 'WITHSCORES')[2] or false, call('ZCARD', CENTER .. 'assigned'),
  call('ZCARD', CENTER .. 'agents'), call('ZCARD', CENTER .. 'available:'),
  call('SCARD', CENTER .. 'not_ready'),
}
