-- needs: agents/agents, agents/skills, base/refusals
-- Changes names, skills, attributes of an agent.
-- ARGV: 2 id, then JSON texts, each empty to leave it as it is: 3 first name, 4 last name,
-- 5 skills in canonical order, 6 attributes
-- Returns its document. Refuses: NO_CENTER, NO_AGENT. Repeat: the same again.
local id, first_name, last_name, skills, attributes = unpack(ARGV, 2, 6)
local key = agent_key(CENTER, id)
local old = doc_get(key, 'skills')[1]
if not old then
  return no_such(REFUSAL_NO_AGENT)
end

local fields = {}
if attributes ~= '' then
  attributes = doc_verbatim(attributes)
end
for name, text in pairs({ first_name = first_name, last_name = last_name, attributes = attributes }) do
  if text ~= '' then
    fields[#fields + 1] = name
    fields[#fields + 1] = text
  end
end
if #fields > 0 then
  doc_set(key, unpack(fields))
end
if skills ~= '' then
  change_skills(CENTER, id, old, cjson.decode(skills))
elseif #fields > 0 then
  emit(CENTER, EVENT_AGENT_UPDATED, ',"agent":' .. quote(id))
end
return doc_read(key)
