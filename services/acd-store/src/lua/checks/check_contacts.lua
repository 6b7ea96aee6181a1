-- Checks some of the contacts of one index: each is in exactly the places that its state says.
-- ARGV: 2 queue | assigned | ended, 3 cursor
-- Returns as base.lua says. Cost: O(log n) for each contact.
local index = ARGV[2]
local states = {
  queue = { queued = true },
  assigned = { assigned = true },
  ended = { completed = true, abandoned = true, canceled = true, rejected = true },
}

local function check_queued(subject, id, score, signature, queued_at, priority)
  local rank = queued_at - (priority or 0) * 60000
  local in_list = tonumber(call('ZSCORE', CENTER .. WAITING .. signature, id) or nil)
  expect(tonumber(score) == queued_at, 'one_place', subject, 'queue has it since ' .. score)
  expect(in_list == rank, 'one_place', subject,
    'rank is ' .. int(rank) .. ', its list has ' .. show(in_list))
  local node, member = place(signature)
  local head = tonumber(call('ZSCORE', CENTER .. HEADS .. node, member) or nil)
  local aside = not head and signature ~= '' and call('ZMSCORE', CENTER .. ASIDE, unpack(aside_names(signature)))
  local is_aside = false
  for _, entry in ipairs(aside or {}) do
    is_aside = is_aside or entry
  end
  expect(is_aside or head and head <= rank, 'heads', subject, 'its list counts as ' .. show(head))
  if call('ZRANK', CENTER .. WAITING .. signature, id) == 0 then
    -- Nobody waits for nothing: a head that could be served is known to the dispatchers.
    local longest = longest_available(signature)
    local prefix = '|' .. center_id() .. '|'
    expect(not longest or call('SISMEMBER', DIRTY, 's' .. prefix .. signature) == 1
        or call('SISMEMBER', DIRTY, 'a' .. prefix .. longest.agent) == 1,
      'head_of_line', subject, longest and longest.agent .. ' could serve it, and nobody was told' or '')
  end
end

local function check(id, score)
  local subject = 'contact:' .. id
  local state, agent, signature, queued_at, priority = unpack(doc_get(contact_key(id),
    'state', 'agent', 'signature', 'queued_at_ms', 'priority'))
  expect(states[index][state], 'one_place', subject, 'is ' .. show(state) .. ' and in ' .. index)
  for other in pairs(states) do
    expect(other == index or not call('ZSCORE', CENTER .. other, id), 'one_place', subject,
      'in ' .. index .. ' and in ' .. other)
  end
  if not state then
    return
  end
  if state == 'queued' then
    check_queued(subject, id, score, signature, queued_at, priority)
    expect(not agent, 'one_place', subject, 'waits and names agent ' .. show(agent))
  else
    expect(not call('ZSCORE', CENTER .. WAITING .. signature, id), 'one_place', subject,
      'is ' .. state .. ' and in the list of ' .. quote(signature))
  end
  if state == 'assigned' then
    local has = agent and doc_get(agent_key(agent), 'contact')[1]
    expect(has == id, 'load', subject, 'names agent ' .. show(agent) .. ', who has ' .. show(has))
  end
end

local cursor, members = scan(index, ARGV[3])
for i = 1, #members, 2 do
  check(members[i], members[i + 1])
end
return { cursor, #members / 2, violations }
