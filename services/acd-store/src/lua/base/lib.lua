-- What every script shares: the keys, the clock, the event log, the doorbell.
--
-- KEYS, the same for every script: 1 dirty, 2 bell, 3 timers (of the partition), 4 a key that is
-- never there, and for all but the dispatcher's scripts 5 config of the center. The script's other
-- keys are made from these (they have the same hash tag) and named only here and in the fragments.
-- In a slot that a cluster is moving to another node a script would end in the middle, at the first
-- key that has left. Redis runs none whose KEYS are not all there: for the sake of 4, none at all.
-- ARGV[1], the same for every script: now in ms when a test or a simulation gives the time, else
-- empty. A script's own arguments begin at ARGV[2].
local call = redis.call
local DIRTY, BELL, TIMERS = KEYS[1], KEYS[2], KEYS[3]
local PARTITION = string.sub(DIRTY, 1, -1 - #KEY_DIRTY) -- "acd:{p}:"
-- "acd:{p}:<center>:". Fragments take the prefix of their center as an argument: some scripts are
-- for several centers.
local CENTER = KEYS[5] and string.sub(KEYS[5], 1, -1 - #KEY_CONFIG)

-- The most events that a center's log keeps, about.
local EVENTS_MAX = '100000'

-- A whole number as decimal text; Lua's own tostring would give 1.7e+12 for an instant. Commands
-- are given numbers as text, too: Redis formats a Lua number in four times the time.
local function int(number)
  return string.format('%d', number)
end

-- Now in ms, the one clock of all: Redis's own.
local NOW = tonumber(ARGV[1])
if not NOW then
  local time = call('TIME')
  NOW = time[1] * 1000 + math.floor(time[2] / 1000)
end
local NOW_TEXT = int(NOW)

-- JSON text of an id, a state, a skill: texts in which nothing needs escaping.
local function quote(text)
  return '"' .. text .. '"'
end

local function center_id(center)
  return string.match(center, '([^:]+):$')
end

-- Appends an event to the center's log. fields: JSON members, beginning with a comma. Who logs
-- counts, too: one by one with emit, or several of a kind at the end.
local function log(center, kind, fields)
  call('XADD', center .. KEY_EVENTS, '*', kind, '{"at_ms":' .. NOW_TEXT .. fields .. '}')
end

-- Counts events of a kind that were logged, and trims the log now and then.
local function count(center, kind, times)
  if times > 0 and call('HINCRBY', center .. KEY_COUNTERS, kind, int(times)) % 64 < times then
    call('XTRIM', center .. KEY_EVENTS, 'MAXLEN', '~', EVENTS_MAX)
  end
end

local function emit(center, kind, fields)
  log(center, kind, fields)
  count(center, kind, 1)
end

-- Notes work for the dispatchers. kind: WORK_SIGNATURE or WORK_AGENT. The bell is only a hint: the
-- dispatchers' time-out covers a process that took it and died.
local function mark(center, kind, name)
  if call('SADD', DIRTY, kind .. '|' .. center_id(center) .. '|' .. name) == 1
      and call('EXISTS', BELL) == 0 then
    call('LPUSH', BELL, '1')
  end
end
