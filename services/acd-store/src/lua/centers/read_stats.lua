-- needs: base/refusals
-- Reads the figures of a center at one instant.
-- Returns {now_ms, config as name, value, …, counters likewise, waiting, queued_at_ms of the first
-- to come or false, assigned, agents, available, not ready}. Refuses: NO_CENTER.
local config = call('HGETALL', KEYS[5])
if #config == 0 then
  return no_such(REFUSAL_NO_CENTER)
end
return {
  NOW, config, call('HGETALL', CENTER .. KEY_COUNTERS),
  call('ZCARD', CENTER .. KEY_QUEUE),
  call('ZRANGE', CENTER .. KEY_QUEUE, 0, 0, 'WITHSCORES')[2] or false, call('ZCARD', CENTER .. KEY_ASSIGNED),
  call('ZCARD', CENTER .. KEY_AGENTS), call('ZCARD', CENTER .. KEY_AVAILABLE),
  call('SCARD', CENTER .. KEY_NOT_READY),
}
