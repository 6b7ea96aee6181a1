-- needs: agents/agents, base/refusals
-- Lists agents in the order of their ids.
-- ARGV: 2 id after which to begin (or empty), 3 how many at most
-- Returns {id, document, …}. Refuses: NO_CENTER.
if call('EXISTS', KEYS[5]) == 0 then
  return no_such(REFUSAL_NO_CENTER)
end
local from = ARGV[2] == '' and '-' or '(' .. ARGV[2]
local ids = call('ZRANGE', CENTER .. KEY_AGENTS, from, '+', 'BYLEX', 'LIMIT', 0, ARGV[3])
local out = {}
for _, id in ipairs(ids) do
  out[#out + 1] = id
  out[#out + 1] = doc_read(agent_key(CENTER, id))
end
return out
