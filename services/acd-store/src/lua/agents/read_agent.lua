-- needs: agents/agents, base/refusals
-- Reads an agent.
-- ARGV: 2 id
-- Returns its document. Refuses: NO_CENTER, NO_AGENT.
local key = agent_key(CENTER, ARGV[2])
if call('EXISTS', key) == 0 then
  return no_such(REFUSAL_NO_AGENT)
end
return doc_read(key)
