-- needs: base/refusals
-- Lists the skills that agents have, in canonical order.
-- ARGV: 2 skill after which to begin (or empty), 3 how many at most
-- Returns {skill, agents that have it, of these available, …}. Refuses: NO_CENTER.
if call('EXISTS', KEYS[5]) == 0 then
  return no_such(REFUSAL_NO_CENTER)
end
local from = ARGV[2] == '' and '-' or '(' .. ARGV[2]
local skills = call('ZRANGE', CENTER .. KEY_SKILLS, from, '+', 'BYLEX', 'LIMIT', 0, ARGV[3])
local out = {}
for _, skill in ipairs(skills) do
  out[#out + 1] = skill
  out[#out + 1] = call('SCARD', CENTER .. KEY_SKILL .. skill)
  out[#out + 1] = call('ZCARD', CENTER .. KEY_AVAILABLE .. skill)
end
return out
