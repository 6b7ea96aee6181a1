-- Agrees with every other process on what can't differ between them; the first one decides.
-- KEYS: 1 meta. ARGV: 1 partitions, 2 form of documents: hash | json | auto, 3 schema version
-- Returns {partitions, documents, schema, server version} as agreed. Repeat: changes nothing.
local function has_json()
  -- JSON.MERGE came with RedisJSON 2.6. Called without arguments it fails either way; how it
  -- fails tells whether it is there (asking COMMAND or MODULE is not allowed everywhere).
  local answer = redis.pcall('JSON.MERGE')
  return not string.find(string.lower(answer.err or ''), 'unknown', 1, true)
end

local documents = ARGV[2]
if documents == 'auto' then
  documents = has_json() and 'json' or 'hash'
elseif documents == 'json' and not has_json() then
  return redis.error_reply('NO_JSON no RedisJSON 2.6 or later')
end

redis.call('HSETNX', KEYS[1], 'partitions', ARGV[1])
redis.call('HSETNX', KEYS[1], 'documents', documents)
redis.call('HSETNX', KEYS[1], 'schema', ARGV[3])
local agreed = redis.call('HMGET', KEYS[1], 'partitions', 'documents', 'schema')
-- A write in any case: what replicas confirm is what comes before the last one.
redis.call('HSET', KEYS[1], 'schema', agreed[3])
agreed[4] = redis.REDIS_VERSION
return agreed
