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

local function index_skill(agent, skill)
  call('SADD', CENTER .. 'skill:' .. skill, agent)
  if call('ZADD', CENTER .. 'skills', 0, skill) == 1 then
    skill_gained(skill)
  end
end

local function unindex_skill(agent, skill)
  call('SREM', CENTER .. 'skill:' .. skill, agent)
  if call('EXISTS', CENTER .. 'skill:' .. skill) == 0 then
    call('ZREM', CENTER .. 'skills', skill)
  end
end

-- Gives the agent the skills `new` (in canonical order) in place of `old`. Since when it is
-- available stays the same: editing skills costs nobody their place.
local function change_skills(agent, old, new)
  local idle_since = call('ZSCORE', CENTER .. AVAILABLE, agent)
  local had, has = {}, {}
  for _, skill in ipairs(old) do had[skill] = true end
  for _, skill in ipairs(new) do has[skill] = true end
  for _, skill in ipairs(old) do
    if not has[skill] then
      unindex_skill(agent, skill)
      call('ZREM', CENTER .. AVAILABLE .. skill, agent)
    end
  end
  local added = false
  for _, skill in ipairs(new) do
    if not had[skill] then
      added = true
      index_skill(agent, skill)
      if idle_since then
        call('ZADD', CENTER .. AVAILABLE .. skill, idle_since, agent)
      end
    end
  end
  doc_set(agent_key(agent), 'skills', skills_text(new))
  emit('agent.updated', ',"agent":' .. quote(agent) .. ',"skills":' .. skills_text(new))
  if idle_since and added and best_waiting(new) then
    mark('a', agent)
  end
end

-- Takes one skill from the agent, if it has it.
local function drop_skill(agent, skills, skill)
  local left = {}
  for _, has in ipairs(skills) do
    if has ~= skill then
      left[#left + 1] = has
    end
  end
  if #left < #skills then
    change_skills(agent, skills, left)
  end
end
