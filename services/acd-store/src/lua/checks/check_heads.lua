-- needs: checks/base
-- Checks one node of the set-trie over the heads of the waiting lists: every rank in it is the
-- least below, and whoever stands in its list is in the queue.
-- ARGV: 2 prefix (the node's skills, joined)
-- Returns {prefixes of the nodes below, lists in it, {invariant, subject, detail, …}}.
-- Cost: O(members of the node, and the first 100 contacts of each list in it).
local prefix = ARGV[2]
local subject = 'signature:' .. prefix
local path = prefix == '' and '' or prefix .. '+'
local node = call('ZRANGE', CENTER .. KEY_HEADS .. prefix, 0, -1, 'WITHSCORES')
local below, listed = {}, 0
for i = 1, #node, 2 do
  local member, rank, key = node[i], node[i + 1], nil
  if string.sub(member, -1) == '+' then
    below[#below + 1] = path .. string.sub(member, 1, -2)
    key = CENTER .. KEY_HEADS .. below[#below]
  else
    key = CENTER .. KEY_WAITING .. path .. member
    local list = call('ZRANGE', key, 0, 99)
    for _, id in ipairs(list) do
      expect(call('ZSCORE', CENTER .. KEY_QUEUE, id), 'one_place', subject, 'lists ' .. id .. ', which is not in the queue')
    end
    listed = listed + 1
  end
  local least = call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  expect(least == rank, 'heads', subject, quote(member) .. ' has ' .. rank .. ', the least is ' .. show(least))
end
return { below, listed, violations }
