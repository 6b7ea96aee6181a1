-- Answers one(…) for each `width` arguments from ARGV[2] on. What can't be done with one of them, is
-- its own answer, {false, 'BROKEN', why}, and no matter of the others.
local function each(width, one)
  local answers = {}
  for first = 2, #ARGV, width do
    local done, answer = pcall(one, unpack(ARGV, first, first + width - 1))
    if not done then
      answer = { false, 'BROKEN', type(answer) == 'table' and answer.err or tostring(answer) }
    end
    answers[#answers + 1] = answer
  end
  return answers
end
