-- Keeps an ended contact until its center's retention has passed (advance_timers.lua).
local function retire(center, contact)
  call('ZADD', center .. KEY_ENDED, NOW_TEXT, contact)
end
