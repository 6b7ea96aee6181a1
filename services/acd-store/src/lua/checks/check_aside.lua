-- needs: checks/base, routing/waiting
-- Checks some of the lists that were set aside: each has somebody waiting, is not in the set-trie,
-- and needs a skill that nobody has.
-- ARGV: 2 cursor
-- Returns as base.lua says. Cost: O(log n) for each.
local cursor, members = scan(CENTER, KEY_ASIDE, ARGV[2])
for i = 1, #members, 2 do
  local skill, signature = string.match(members[i], '^([^|]*)|(.*)$')
  local subject = 'signature:' .. signature
  local prefix, member = place(signature)
  expect(call('EXISTS', CENTER .. KEY_WAITING .. signature) == 1, 'heads', subject, 'is set aside, and nobody waits')
  expect(not call('ZSCORE', CENTER .. KEY_HEADS .. prefix, member), 'heads', subject, 'is set aside and listed')
  expect(call('EXISTS', CENTER .. KEY_SKILL .. skill) == 0, 'heads', subject,
    'is set aside for ' .. quote(skill) .. ', which somebody has')
end
return { cursor, #members / 2, violations }
