-- Reads why a contact is where it is.
-- ARGV: 2 id
-- Returns {now_ms, document, position, queue position (both 0 unless queued),
--   {skill, agents that have it, of these available, …}, {total, available, busy, not ready} of
--   the agents that have all of them}. Refuses: NO_CENTER, NO_CONTACT.
-- Cost: while it waits O(agents that have all the skills).
local id = ARGV[2]
local key = contact_key(id)
local state, signature = unpack(doc_get(key, 'state', 'signature'))
if not state then
  return redis.error_reply(call('EXISTS', KEYS[5]) == 1 and 'NO_CONTACT no such contact' or 'NO_CENTER no such center')
end
if state ~= 'queued' then
  return { NOW, doc_read(key), 0, 0, {}, {} }
end

local skills, sets, held = split(signature), {}, {}
for i, skill in ipairs(skills) do
  sets[i] = CENTER .. 'skill:' .. skill
  for _, value in ipairs({ skill, call('SCARD', sets[i]), call('ZCARD', CENTER .. AVAILABLE .. skill) }) do
    held[#held + 1] = value
  end
end
local qualified
if #sets == 0 then
  qualified = call('ZRANGE', CENTER .. 'agents', 0, -1)
else
  qualified = call('SINTER', unpack(sets))
end
local available, busy, not_ready = 0, 0, 0
for _, agent in ipairs(qualified) do
  if call('ZSCORE', CENTER .. AVAILABLE, agent) then
    available = available + 1
  elseif call('SISMEMBER', CENTER .. 'not_ready', agent) == 1 then
    not_ready = not_ready + 1
  elseif doc_get(agent_key(agent), 'contact')[1] then
    busy = busy + 1
  end
end
return {
  NOW, doc_read(key),
  call('ZRANK', CENTER .. WAITING .. signature, id) + 1, call('ZRANK', CENTER .. QUEUE, id) + 1,
  held, { #qualified, available, busy, not_ready },
}
