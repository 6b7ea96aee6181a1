-- Lists the skills that agents have, in canonical order.
-- ARGV: 2 skill after which to begin (or empty), 3 how many at most
-- Returns {skill, agents that have it, of these available, …}. Refuses: NO_CENTER.
if call('EXISTS', KEYS[5]) == 0 then
  return redis.error_reply('NO_CENTER no such center')
end
local from = ARGV[2] == '' and '-' or '(' .. ARGV[2]
local skills = call('ZRANGE', CENTER .. 'skills', from, '+', 'BYLEX', 'LIMIT', 0, ARGV[3])
local out = {}
for _, skill in ipairs(skills) do
  out[#out + 1] = skill
  out[#out + 1] = call('SCARD', CENTER .. 'skill:' .. skill)
  out[#out + 1] = call('ZCARD', CENTER .. 'available:' .. skill)
end
return out
