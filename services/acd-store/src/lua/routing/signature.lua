-- The skills of a signature, in canonical order.
local function split(signature)
  local skills = {}
  for skill in string.gmatch(signature, '[^+]+') do
    skills[#skills + 1] = skill
  end
  return skills
end
