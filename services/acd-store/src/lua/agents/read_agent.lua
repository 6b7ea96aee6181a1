-- Reads an agent.
-- ARGV: 2 id
-- Returns its document. Refuses: NO_CENTER, NO_AGENT.
local key = agent_key(ARGV[2])
if call('EXISTS', key) == 0 then
  return redis.error_reply(call('EXISTS', KEYS[5]) == 1 and 'NO_AGENT no such agent' or 'NO_CENTER no such center')
end
return doc_read(key)
