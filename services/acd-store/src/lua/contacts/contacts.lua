-- Contacts.

local function contact_key(contact)
  return CENTER .. 'contact:' .. contact
end
