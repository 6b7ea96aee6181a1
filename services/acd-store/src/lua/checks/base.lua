-- What a check returns: {next cursor, how many were looked at, {invariant, subject, detail, …}}.
local violations = {}

local function expect(holds, invariant, subject, detail)
  if not holds then
    for _, text in ipairs({ invariant, subject, detail }) do
      violations[#violations + 1] = text
    end
  end
end

-- How a value or its absence reads in a detail.
local function show(value)
  return value and tostring(value) or 'none'
end

-- Some members of a sorted set from a ZSCAN cursor on: the next cursor, {member, score, …}.
local function scan(center, index, cursor)
  local answer = call('ZSCAN', center .. index, cursor, 'COUNT', 100)
  return answer[1], answer[2]
end
