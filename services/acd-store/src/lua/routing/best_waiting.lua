-- The signature whose head has the least rank of those that these skills satisfy, or nil. Goes
-- down the set-trie along the agent's skills only, the least rank first, and turns back where
-- nothing below can be less than what is found.
local function best_waiting(center, skills)
  local best, best_rank
  local function visit(prefix, from)
    local path = prefix == '' and '' or prefix .. '+'
    local members = {}
    for i = from, #skills do
      members[#members + 1] = skills[i]
      members[#members + 1] = skills[i] .. '+'
    end
    if prefix == '' then
      members[#members + 1] = ''
    elseif #members == 0 then
      return
    end
    local ranks = call('ZMSCORE', center .. KEY_HEADS .. prefix, unpack(members))
    local below = {}
    for i = 1, #members do
      local rank = ranks[i] and tonumber(ranks[i])
      if rank and (not best_rank or rank < best_rank) then
        if i % 2 == 1 then
          best, best_rank = path .. members[i], rank
        else
          below[#below + 1] = { rank = rank, at = from + i / 2 - 1 }
        end
      end
    end
    if #below > 1 then
      table.sort(below, function(a, b) return a.rank < b.rank end)
    end
    for _, child in ipairs(below) do
      if best_rank and child.rank >= best_rank then
        return
      end
      visit(path .. skills[child.at], child.at + 1)
    end
  end
  visit('', 1)
  return best
end
