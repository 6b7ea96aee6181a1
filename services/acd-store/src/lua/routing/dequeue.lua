-- Out of the queue, other than to an agent.

-- Takes a contact out of the queue from wherever it stands.
local function dequeue(contact, signature)
  local list = CENTER .. WAITING .. signature
  local was_head = call('ZRANK', list, contact) == 0
  call('ZREM', CENTER .. QUEUE, contact)
  call('ZREM', list, contact)
  if was_head then
    head_left(signature)
  end
end
