-- needs: agents/agents, checks/base, contacts/contacts, routing/matching, routing/waiting
-- Checks some of the contacts of one index: each is in exactly the places that its state says.
-- ARGV: 2 queue | assigned | ended, 3 cursor
-- Returns as base.lua says. Cost: O(log n) for each contact.
local index = ARGV[2]
local states = {
  [KEY_QUEUE] = { [STATE_QUEUED] = true },
  [KEY_ASSIGNED] = { [STATE_ASSIGNED] = true },
  [KEY_ENDED] = {
    [STATE_COMPLETED] = true, [STATE_ABANDONED] = true, [STATE_CANCELED] = true, [STATE_REJECTED] = true,
  },
}

local function check_queued(subject, id, score, signature, queued_at, priority)
  local rank = queued_at - (priority or 0) * 60000
  local in_list = tonumber(call('ZSCORE', CENTER .. KEY_WAITING .. signature, id) or nil)
  expect(tonumber(score) == queued_at, 'one_place', subject, 'queue has it since ' .. score)
  expect(in_list == rank, 'one_place', subject,
    'rank is ' .. int(rank) .. ', its list has ' .. show(in_list))
  local node, member = place(signature)
  local head = tonumber(call('ZSCORE', CENTER .. KEY_HEADS .. node, member) or nil)
  local aside = not head and signature ~= '' and call('ZMSCORE', CENTER .. KEY_ASIDE, unpack(aside_names(signature)))
  local is_aside = false
  for _, entry in ipairs(aside or {}) do
    is_aside = is_aside or entry
  end
  expect(is_aside or head and head <= rank, 'heads', subject, 'its list counts as ' .. show(head))
  if call('ZRANK', CENTER .. KEY_WAITING .. signature, id) == 0 then
    -- Nobody waits for nothing: a head that could be served is known to the dispatchers.
    local longest = longest_available(CENTER, signature)
    local prefix = '|' .. center_id(CENTER) .. '|'
    expect(not longest or call('SISMEMBER', DIRTY, WORK_SIGNATURE .. prefix .. signature) == 1
        or call('SISMEMBER', DIRTY, WORK_AGENT .. prefix .. longest.agent) == 1,
      'head_of_line', subject, longest and longest.agent .. ' could serve it, and nobody was told' or '')
  end
end

local function check(id, score)
  local subject = 'contact:' .. id
  local state, agent, signature, queued_at, priority = unpack(doc_get(contact_key(CENTER, id),
    'state', 'agent', 'signature', 'queued_at_ms', 'priority'))
  expect(states[index][state], 'one_place', subject, 'is ' .. show(state) .. ' and in ' .. index)
  for other in pairs(states) do
    expect(other == index or not call('ZSCORE', CENTER .. other, id), 'one_place', subject,
      'in ' .. index .. ' and in ' .. other)
  end
  if not state then
    return
  end
  if state == STATE_QUEUED then
    check_queued(subject, id, score, signature, queued_at, priority)
    expect(not agent, 'one_place', subject, 'waits and names agent ' .. show(agent))
  else
    expect(not call('ZSCORE', CENTER .. KEY_WAITING .. signature, id), 'one_place', subject,
      'is ' .. state .. ' and in the list of ' .. quote(signature))
  end
  if state == STATE_ASSIGNED then
    local has = agent and doc_get(agent_key(CENTER, agent), 'contact')[1]
    expect(has == id, 'load', subject, 'names agent ' .. show(agent) .. ', who has ' .. show(has))
  end
end

local cursor, members = scan(CENTER, index, ARGV[3])
for i = 1, #members, 2 do
  check(members[i], members[i + 1])
end
return { cursor, #members / 2, violations }
