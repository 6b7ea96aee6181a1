-- Creates a center or changes its settings.
-- ARGV, each empty to leave it as it is (or take the default in a new center): 2 open 0|1,
-- 3 max_waiting, 4 service_level_s, 5 short_abandon_s, 6 retention_s
-- Returns {1 created | 0, name, value, …}. Repeat: changes nothing.
local names = { 'open', 'max_waiting', 'service_level_s', 'short_abandon_s', 'retention_s' }
local defaults = { '1', '0', '20', '5', '86400' }
local created = call('HSETNX', KEYS[5], 'created_at_ms', NOW_TEXT)
local was = call('HMGET', KEYS[5], unpack(names))
local fields, changed = {}, created == 1
for i, name in ipairs(names) do
  local given = ARGV[i + 1]
  local value = given ~= '' and given or was[i] or defaults[i]
  changed = changed or value ~= was[i]
  fields[#fields + 1] = name
  fields[#fields + 1] = value
end

if changed then
  call('HSET', KEYS[5], unpack(fields))
  call('SADD', PARTITION .. KEY_CENTERS, center_id(CENTER))
  call('ZADD', TIMERS, NOW_TEXT, TIMER_PURGE .. '|' .. center_id(CENTER)) -- the retention may be shorter now
  local open = fields[2] == '1' and 'true' or 'false'
  emit(CENTER, EVENT_CENTER_UPDATED, ',"open":' .. open)
end
return { created, call('HGETALL', KEYS[5]) }
