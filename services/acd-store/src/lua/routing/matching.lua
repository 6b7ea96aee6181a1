-- needs: agents/agents, routing/best_waiting, routing/signature
-- Who serves whom. Contacts prefer the agent who has been available longest, agents the contact of
-- least rank; both orders are the same for everybody, so there is one stable matching, and every
-- pair in which each is the other's best belongs to it (D. Gale and L. Shapley, "College
-- admissions and the stability of marriage", 1962, with master lists on both sides). Only such
-- pairs are made, therefore it does not matter in which order work is taken up, nor by whom.

-- How many available agents are looked at first, and at most in one go, when several skills are needed.
local CHUNK, MAX_CHUNK = 4, 512

-- The agent available longest of those with every skill of the signature:
-- {agent, candidates, examined, exact}, or nil. With one skill O(log n); with several, those with
-- the rarest are looked at, the longest idle first, until one has the others, too.
local function longest_available(center, signature)
  local skills = split(signature)
  if #skills <= 1 then
    local key = center .. KEY_AVAILABLE .. signature
    local agent = call('ZRANGE', key, '0', '0')[1]
    if not agent then
      return nil
    end
    local count = call('ZCARD', key)
    return { agent = agent, candidates = count, examined = count, exact = true }
  end

  local rarest, least = 1, nil
  for i = 1, #skills do
    local count = call('ZCARD', center .. KEY_AVAILABLE .. skills[i])
    if count == 0 then
      return nil
    elseif not least or count < least then
      rarest, least = i, count
    end
  end
  local key = center .. KEY_AVAILABLE .. table.remove(skills, rarest)
  local from, size = 0, CHUNK
  while from < least do
    local agents = call('ZRANGE', key, int(from), int(from + size - 1))
    local examined = from + #agents
    for i = 1, #skills do
      local has = call('SMISMEMBER', center .. KEY_SKILL .. skills[i], unpack(agents))
      local have = {}
      for j = 1, #agents do
        if has[j] == 1 then
          have[#have + 1] = agents[j]
        end
      end
      agents = have
      if #agents == 0 then
        break
      end
    end
    if #agents > 0 then
      return { agent = agents[1], candidates = #agents, examined = examined, exact = examined >= least }
    end
    from, size = from + size, math.min(size * 2, MAX_CHUNK)
  end
  return nil
end

-- A pair in which each is the other's best, found from one side of it: signature or agent. Each
-- step goes to a contact of less rank or an agent idle for longer, so it ends.
-- Returns the signature, and the agent as of longest_available with its skills and idle_since; or nil.
local function mutual_best(center, signature, agent)
  local longest
  if signature then
    longest = longest_available(center, signature)
    if not longest then
      return nil
    end
    agent = longest.agent
  end
  while true do
    local skills, idle_since = unpack(doc_get(agent_key(center, agent), 'skills', 'idle_since_ms'))
    local best = best_waiting(center, skills)
    if not best then
      return nil
    end
    if best ~= signature then
      signature, longest = best, longest_available(center, best)
    end
    if longest.agent == agent then
      longest.skills, longest.idle_since = skills, idle_since
      return signature, longest
    end
    agent = longest.agent
  end
end
