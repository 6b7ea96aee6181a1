-- needs: routing/waiting
-- Out of the queue, other than to an agent.

-- Takes a contact out of the queue from wherever it stands.
local function dequeue(center, contact, signature)
  local list = center .. KEY_WAITING .. signature
  local was_head = call('ZRANK', list, contact) == 0
  call('ZREM', center .. KEY_QUEUE, contact)
  call('ZREM', list, contact)
  if was_head then
    head_left(center, signature)
  end
end
