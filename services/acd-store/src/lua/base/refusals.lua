-- The code with which a script refuses what it did not find, REFUSAL_NO_CONTACT or another one: the
-- center itself may be missing.
local function missing(code)
  return call('EXISTS', KEYS[5]) == 1 and code or REFUSAL_NO_CENTER
end

local function no_such(code)
  return redis.error_reply(missing(code) .. ' it is not there')
end
