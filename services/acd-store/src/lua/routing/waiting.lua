-- Waiting contacts. `queue` holds all of them by when they came; each also stands in the list of
-- its signature, `waiting:<signature>`, by rank (when it came, less a minute for each point of priority).
-- Over the lists' heads lies a set-trie (I. Savnik, "Index data structure for fast subset and
-- superset queries", 2013). Its node for the skills a, the sorted set `heads:a`, has two members
-- for a further skill b: `b` with the rank of the head of `waiting:a+b`, and `b+` with the least
-- rank of all lists below a+b. (The root, `heads:`, has '' for the list of those who need nothing.)
-- So the first contact that an agent can serve is found by going down only where the agent has
-- the skill, the least rank first. A list that nobody can serve may be set aside: parked.lua.

-- Where a signature stands in the trie: the node's prefix, and the member in it.
local function place(signature)
  local prefix, member = string.match(signature, '^(.*)%+([^+]*)$')
  return prefix or '', member or signature
end

-- The names under which a list may stand in `aside`.
local function aside_names(signature)
  local names = {}
  for skill in string.gmatch(signature, '[^+]+') do
    names[#names + 1] = skill .. '|' .. signature
  end
  return names
end

-- The head of the signature's list left: raises the trie on its path to what is least now. Returns
-- the rank of the new head, if there is one.
local function head_left(center, signature)
  local head = call('ZRANGE', center .. KEY_WAITING .. signature, '0', '0', 'WITHSCORES')[2]
  local rank, prefix, member = head, place(signature)
  while true do
    local node = center .. KEY_HEADS .. prefix
    if not rank then
      if call('ZREM', node, member) == 0 then -- its list was set aside
        call('ZREM', center .. KEY_ASIDE, unpack(aside_names(signature)))
        return nil
      end
    elseif call('ZADD', node, 'XX', 'CH', rank, member) == 0 then -- nothing changes, or it was set aside
      return head
    end
    if prefix == '' then
      return head
    end
    rank = call('ZRANGE', node, '0', '0', 'WITHSCORES')[2]
    prefix, member = place(prefix)
    member = member .. '+'
  end
end
