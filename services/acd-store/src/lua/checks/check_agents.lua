-- needs: agents/agents, checks/base, contacts/contacts
-- Checks some agents: each stands in `available` for each of its skills if and only if it is
-- available, and in the other indexes as it should.
-- ARGV: 2 cursor
-- Returns as base.lua says. Cost: O(k log n) for each agent with k skills.
local function check(id)
  local subject = 'agent:' .. id
  local presence, contact, skills, idle_since = unpack(doc_get(agent_key(CENTER, id),
    'presence', 'contact', 'skills', 'idle_since_ms'))
  expect(presence, 'agents', subject, 'is listed and has no document')
  if not presence then
    return
  end
  if contact then
    local state, agent = unpack(doc_get(contact_key(CENTER, contact), 'state', 'agent'))
    expect(state == STATE_ASSIGNED and agent == id, 'load', subject, 'has ' .. contact
      .. ', which is ' .. show(state) .. ' and names ' .. show(agent))
    expect(presence == PRESENCE_READY, 'presence', subject, 'has a contact and is ' .. presence)
  end
  local available = presence == PRESENCE_READY and not contact
  expect(available == (idle_since and true or false), 'available', subject,
    (available and 'is available' or 'is not available') .. ', idle since ' .. show(idle_since))
  local lists = { '' }
  for _, skill in ipairs(skills) do
    lists[#lists + 1] = skill
    expect(call('SISMEMBER', CENTER .. KEY_SKILL .. skill, id) == 1, 'skills', subject,
      'not among those who have ' .. quote(skill))
  end
  for _, skill in ipairs(lists) do
    local listed = tonumber(call('ZSCORE', CENTER .. KEY_AVAILABLE .. skill, id) or nil)
    expect((listed or false) == (available and idle_since), 'available', subject,
      'available for ' .. quote(skill) .. ' since ' .. show(listed) .. ', idle since ' .. show(idle_since))
  end
  expect((call('SISMEMBER', CENTER .. KEY_NOT_READY, id) == 1) == (presence == PRESENCE_NOT_READY),
    'presence', subject, 'is ' .. presence .. ', counted otherwise')
end

local cursor, members = scan(CENTER, KEY_AGENTS, ARGV[2])
for i = 1, #members, 2 do
  check(members[i])
end
return { cursor, #members / 2, violations }
