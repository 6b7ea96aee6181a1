-- needs: agents/agents, contacts/contacts, routing/matching, routing/waiting
-- Takes up what was marked as work in the partition and makes every assignment that follows.
-- ARGV: 2 how many steps (assignments made, items that led to none) at most, from 1
-- Returns {more: 1 when work is left, ms until the next timer is due or -1,
--   {{center, contact, agent, wait_ms, reaction_ms: since both were there}, …}}.
-- Repeat: finds nothing left to do. Cost: for each assignment O(log n), and see matching.lua.
local steps = tonumber(ARGV[2])
local made = {}
local tallies = {} -- center → what is to be added to its counters

local function new_tally(center)
  local threshold = tonumber(call('HGET', center .. KEY_CONFIG, 'service_level_s')) * 1000
  local tally = { threshold = threshold, assigned = 0, reassigned = 0, wait_ms = 0, answered_within = 0 }
  tallies[center] = tally
  return tally
end

-- Gives the head of the signature's list to the agent. Returns whether the list has another one.
local function assign(center, signature, longest)
  local agent, idle_since = longest.agent, longest.idle_since
  local contact = call('ZPOPMIN', center .. KEY_WAITING .. signature)[1]
  local key = contact_key(center, contact)
  local queued_at, requeues, requeued_at = unpack(doc_get(key,
    'queued_at_ms', 'requeues', 'requeued_at_ms'))
  call('ZREM', center .. KEY_QUEUE, contact)
  local another = head_left(center, signature)
  call('ZADD', center .. KEY_ASSIGNED, NOW_TEXT, contact)
  leave_available(center, agent, longest.skills)
  doc_set(agent_key(center, agent), 'contact', quote(contact), 'idle_since_ms', 'null')
  local decision = int(idle_since) .. ',' .. int(longest.candidates) .. ',' .. int(longest.examined)
  doc_set(key, 'state', quote(STATE_ASSIGNED), 'agent', quote(agent), 'assigned_at_ms', NOW_TEXT,
    'decision', '[' .. decision .. (longest.exact and ',true]' or ',false]'))

  local wait = math.max(0, NOW - queued_at) -- a failover may set the clock back
  local tally = tallies[center] or new_tally(center)
  tally.assigned = tally.assigned + 1
  if requeues then
    tally.reassigned = tally.reassigned + 1
  else
    tally.wait_ms = tally.wait_ms + wait
    if wait <= tally.threshold then
      tally.answered_within = tally.answered_within + 1
    end
  end
  log(center, EVENT_CONTACT_ASSIGNED, ',"contact":' .. quote(contact) .. ',"agent":' .. quote(agent)
    .. ',"wait_ms":' .. int(wait) .. ',"idle_since_ms":' .. int(idle_since)
    .. ',"candidates":' .. int(longest.candidates))
  made[#made + 1] = { center_id(center), contact, agent, wait, math.max(0, NOW - math.max(requeued_at or queued_at, idle_since)) }
  return another
end

-- Makes pairs until the signature's head, or the agent, has nobody left. False when there were
-- too few steps to know.
local function settle(center, kind, name)
  local is_signature = kind == WORK_SIGNATURE
  local there
  if is_signature then
    there = call('EXISTS', center .. KEY_WAITING .. name) == 1
  else
    there = call('ZSCORE', center .. KEY_AVAILABLE, name)
  end
  if not there then
    steps = steps - 1
  end
  while there do
    if steps <= 0 then
      return false
    end
    steps = steps - 1
    local signature, longest = mutual_best(center, is_signature and name, not is_signature and name)
    if not signature then
      return true
    end
    local another = assign(center, signature, longest)
    if is_signature then
      there = another or signature ~= name
    else
      there = longest.agent ~= name
    end
  end
  return true
end

while steps > 0 do
  local item = call('SPOP', DIRTY)
  if not item then
    break
  end
  local kind, center, name = string.match(item, '^(.)|([^|]*)|(.*)$')
  if not settle(PARTITION .. center .. ':', kind, name) then
    call('SADD', DIRTY, item)
  end
end
for center, tally in pairs(tallies) do
  count(center, EVENT_CONTACT_ASSIGNED, tally.assigned)
  for _, name in ipairs({ 'reassigned', 'wait_ms', 'answered_within' }) do
    if tally[name] > 0 then
      call('HINCRBY', center .. KEY_COUNTERS, name, int(tally[name]))
    end
  end
end
local due = call('ZRANGE', TIMERS, 0, 0, 'WITHSCORES')[2]
return { call('EXISTS', DIRTY), due and math.max(0, due - NOW) or -1, made }
