-- needs: routing/signature, routing/waiting
-- Lists set aside. One that needs a skill which no agent of the center has is kept out of the
-- set-trie, so that no search comes by it: the sorted set `aside` has `<skill>|<signature>` for it
-- until somebody gets that skill. (When the last one who has a skill goes, lists stay in the trie.)

-- The head of the signature's list is now `rank`, less than before: lowers the trie on its path.
local function head_lowered(center, signature, rank)
  local prefix, member = place(signature)
  while call('ZADD', center .. KEY_HEADS .. prefix, 'LT', 'CH', rank, member) == 1 and prefix ~= '' do
    prefix, member = place(prefix)
    member = member .. '+'
  end
end

-- The same for a list that may have been set aside, or may have to be.
local function list_or_set_aside(center, signature, rank)
  for _, skill in ipairs(split(signature)) do
    if call('EXISTS', center .. KEY_SKILL .. skill) == 0 then
      local prefix, member = place(signature)
      if not call('ZSCORE', center .. KEY_HEADS .. prefix, member) then
        call('ZADD', center .. KEY_ASIDE, '0', skill .. '|' .. signature)
        return
      end
      break
    end
  end
  head_lowered(center, signature, rank)
end

-- A skill has its first agent: the lists that were set aside for it are so no longer.
local function skill_gained(center, skill)
  local prefix = skill .. '|'
  for _, entry in ipairs(call('ZRANGE', center .. KEY_ASIDE, '[' .. prefix, '(' .. skill .. '}', 'BYLEX')) do
    local signature = string.sub(entry, #prefix + 1)
    call('ZREM', center .. KEY_ASIDE, entry)
    list_or_set_aside(center, signature, call('ZRANGE', center .. KEY_WAITING .. signature, '0', '0', 'WITHSCORES')[2])
  end
end
