-- needs: agents/agents, agents/skills, base/refusals
-- Creates an agent, who takes no contacts yet.
-- ARGV: 2 id, 3 first name, 4 last name, 5 skills in canonical order, 6 attributes (all JSON;
-- attributes may be empty), 7 presence: offline | not_ready
-- Returns {1, document}, or {0, document} when the id is there already.
-- Refuses: NO_CENTER. Repeat: changes nothing.
local id, first_name, last_name, skills, attributes, presence = unpack(ARGV, 2, 7)
local key = agent_key(CENTER, id)
if call('EXISTS', KEYS[5]) == 0 then
  return no_such(REFUSAL_NO_CENTER)
end
if call('EXISTS', key) == 1 then
  return { 0, doc_read(key) }
end

local fields = {
  'first_name', first_name, 'last_name', last_name, 'skills', skills,
  'presence', quote(presence), 'created_at_ms', NOW_TEXT,
}
if attributes ~= '' then
  fields[#fields + 1] = 'attributes'
  fields[#fields + 1] = doc_verbatim(attributes)
end
doc_create(key, unpack(fields))
call('ZADD', CENTER .. KEY_AGENTS, 0, id)
for _, skill in ipairs(cjson.decode(skills)) do
  index_skill(CENTER, id, skill)
end
if presence == PRESENCE_NOT_READY then
  call('SADD', CENTER .. KEY_NOT_READY, id)
end
emit(CENTER, EVENT_AGENT_CREATED, ',"agent":' .. quote(id) .. ',"skills":' .. skills
  .. ',"presence":' .. quote(presence))
return { 1, doc_read(key) }
