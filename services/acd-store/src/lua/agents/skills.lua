-- needs: agents/agents, routing/best_waiting, routing/parked
-- The skills of agents, and who has them.

-- Bytewise order, as the canonical order of skills is; Lua's < would follow the server's locale.
local function before(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then
      return x < y
    end
  end
  return #a < #b
end

-- JSON text of a list of skills.
local function skills_text(skills)
  return #skills == 0 and '[]' or '["' .. table.concat(skills, '","') .. '"]'
end

local function index_skill(center, agent, skill)
  call('SADD', center .. KEY_SKILL .. skill, agent)
  if call('ZADD', center .. KEY_SKILLS, 0, skill) == 1 then
    skill_gained(center, skill)
  end
end

local function unindex_skill(center, agent, skill)
  call('SREM', center .. KEY_SKILL .. skill, agent)
  if call('EXISTS', center .. KEY_SKILL .. skill) == 0 then
    call('ZREM', center .. KEY_SKILLS, skill)
  end
end

-- Gives the agent the skills `new` (in canonical order) in place of `old`. Since when it is
-- available stays the same: editing skills costs nobody their place.
local function change_skills(center, agent, old, new)
  local idle_since = call('ZSCORE', center .. KEY_AVAILABLE, agent)
  local had, has = {}, {}
  for _, skill in ipairs(old) do had[skill] = true end
  for _, skill in ipairs(new) do has[skill] = true end
  for _, skill in ipairs(old) do
    if not has[skill] then
      unindex_skill(center, agent, skill)
      call('ZREM', center .. KEY_AVAILABLE .. skill, agent)
    end
  end
  local added = false
  for _, skill in ipairs(new) do
    if not had[skill] then
      added = true
      index_skill(center, agent, skill)
      if idle_since then
        call('ZADD', center .. KEY_AVAILABLE .. skill, idle_since, agent)
      end
    end
  end
  doc_set(agent_key(center, agent), 'skills', skills_text(new))
  emit(center, EVENT_AGENT_UPDATED, ',"agent":' .. quote(agent) .. ',"skills":' .. skills_text(new))
  if idle_since and added and best_waiting(center, new) then
    mark(center, WORK_AGENT, agent)
  end
end

-- Takes one skill from the agent, if it has it.
local function drop_skill(center, agent, skills, skill)
  local left = {}
  for _, has in ipairs(skills) do
    if has ~= skill then
      left[#left + 1] = has
    end
  end
  if #left < #skills then
    change_skills(center, agent, skills, left)
  end
end
