-- needs: base/refusals, contacts/contacts
-- Lists contacts of one index in its order.
-- ARGV: 2 queue | assigned | ended, 3 score and 4 member after which to begin (both empty for the
-- beginning), 5 how many at most
-- Returns {id, score, document, …}. Refuses: NO_CENTER. Cost: O(log n) for each listed.
local index, score, member, limit = CENTER .. ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
if call('EXISTS', KEYS[5]) == 0 then
  return no_such(REFUSAL_NO_CENTER)
end
local from = 0
if score ~= '' then
  -- Where the last one listed stands; if it has left, where its score would.
  local rank = call('ZSCORE', index, member) == score and call('ZRANK', index, member)
  from = rank and rank + 1 or call('ZCOUNT', index, '-inf', '(' .. score)
end
local found = call('ZRANGE', index, from, from + limit - 1, 'WITHSCORES')
local out = {}
for i = 1, #found, 2 do
  out[#out + 1] = found[i]
  out[#out + 1] = found[i + 1]
  out[#out + 1] = doc_read(contact_key(CENTER, found[i]))
end
return out
