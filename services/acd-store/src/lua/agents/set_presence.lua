-- needs: agents/agents, agents/presence, base/refusals
-- Sets what an agent wants.
-- ARGV: 2 id, 3 offline | ready | not_ready, 4 reason (or empty)
-- Returns its document. Refuses: NO_CENTER, NO_AGENT. Repeat: changes nothing.
local id, presence, reason = ARGV[2], ARGV[3], ARGV[4] ~= '' and ARGV[4]
if not set_presence(CENTER, id, presence, reason) then
  return no_such(REFUSAL_NO_AGENT)
end
return doc_read(agent_key(CENTER, id))
