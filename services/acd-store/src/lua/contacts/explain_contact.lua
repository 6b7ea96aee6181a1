-- needs: agents/agents, base/refusals, contacts/contacts, routing/signature
-- Reads why a contact is where it is.
-- ARGV: 2 id
-- Returns {now_ms, document, position, queue position (both 0 unless queued),
--   {skill, agents that have it, of these available, …}, {total, available, busy, not ready} of
--   the agents that have all of them}. Refuses: NO_CENTER, NO_CONTACT.
-- Cost: while it waits O(agents that have all the skills).
local id = ARGV[2]
local key = contact_key(CENTER, id)
local state, signature = unpack(doc_get(key, 'state', 'signature'))
if not state then
  return no_such(REFUSAL_NO_CONTACT)
end
if state ~= STATE_QUEUED then
  return { NOW, doc_read(key), 0, 0, {}, {} }
end

local skills, sets, held = split(signature), {}, {}
for i, skill in ipairs(skills) do
  sets[i] = CENTER .. KEY_SKILL .. skill
  for _, value in ipairs({ skill, call('SCARD', sets[i]), call('ZCARD', CENTER .. KEY_AVAILABLE .. skill) }) do
    held[#held + 1] = value
  end
end
local qualified
if #sets == 0 then
  qualified = call('ZRANGE', CENTER .. KEY_AGENTS, 0, -1)
else
  qualified = call('SINTER', unpack(sets))
end
local available, busy, not_ready = 0, 0, 0
for _, agent in ipairs(qualified) do
  if call('ZSCORE', CENTER .. KEY_AVAILABLE, agent) then
    available = available + 1
  elseif call('SISMEMBER', CENTER .. KEY_NOT_READY, agent) == 1 then
    not_ready = not_ready + 1
  elseif doc_get(agent_key(CENTER, agent), 'contact')[1] then
    busy = busy + 1
  end
end
return {
  NOW, doc_read(key),
  call('ZRANK', CENTER .. KEY_WAITING .. signature, id) + 1, call('ZRANK', CENTER .. KEY_QUEUE, id) + 1,
  held, { #qualified, available, busy, not_ready },
}
