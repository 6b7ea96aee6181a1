-- Contacts.

local function contact_key(center, contact)
  return center .. KEY_CONTACT .. contact
end
