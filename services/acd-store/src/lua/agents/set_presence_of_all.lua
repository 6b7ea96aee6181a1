-- needs: agents/presence, base/refusals
-- Sets what every agent wants, some at a time.
-- ARGV: 2 id after which to begin (or empty), 3 how many at most, 4 presence, 5 reason (or empty)
-- Returns the ids it went through; fewer than asked for: it was the last. Refuses: NO_CENTER.
-- Cost: O(log n) for each.
local presence, reason = ARGV[4], ARGV[5] ~= '' and ARGV[5]
if call('EXISTS', KEYS[5]) == 0 then
  return no_such(REFUSAL_NO_CENTER)
end
local from = ARGV[2] == '' and '-' or '(' .. ARGV[2]
local ids = call('ZRANGE', CENTER .. KEY_AGENTS, from, '+', 'BYLEX', 'LIMIT', 0, ARGV[3])

for _, id in ipairs(ids) do
  set_presence(CENTER, id, presence, reason)
end
return ids
