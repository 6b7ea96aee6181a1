-- needs: agents/agents, checks/base
-- Checks some lists of available agents: whoever stands there has the skill and is available.
-- ARGV: 2 skill (empty: the list of all who are available), 3 cursor
-- Returns as base.lua says. Cost: O(1) for each agent listed.
local skill = ARGV[2]
local cursor, members = scan(CENTER, KEY_AVAILABLE .. skill, ARGV[3])
for i = 1, #members, 2 do
  local id = members[i]
  local presence, contact, skills = unpack(doc_get(agent_key(CENTER, id), 'presence', 'contact', 'skills'))
  local has = skill == ''
  for _, one in ipairs(skills or {}) do
    has = has or one == skill
  end
  expect(has and presence == PRESENCE_READY and not contact, 'available', 'skill:' .. skill,
    'lists ' .. id .. ', who is ' .. show(presence) .. ', has contact ' .. show(contact)
    .. (has and '' or ', and not the skill'))
end
return { cursor, #members / 2, violations }
