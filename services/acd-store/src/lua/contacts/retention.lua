-- Keeps an ended contact until its center's retention has passed (advance_timers.lua).
local function retire(contact)
  call('ZADD', CENTER .. 'ended', NOW_TEXT, contact)
end
