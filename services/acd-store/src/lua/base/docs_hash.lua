-- Documents as hashes: one field a member, each value JSON text.

-- What a field's JSON text says; false for null or a missing field. Strings are read without
-- unescaping: those that scripts read (ids, states, signatures) hold nothing to unescape.
local function decode(text)
  if not text or text == 'null' then
    return false
  end
  local first = string.byte(text)
  if first == 34 then -- "
    return string.sub(text, 2, -2)
  elseif first == 91 then -- [
    return cjson.decode(text)
  end
  return tonumber(text)
end

-- The named fields' values in a list; false where there is none. A missing document has none.
local function doc_get(key, ...)
  local values = call('HMGET', key, ...)
  for i = 1, #values do
    values[i] = decode(values[i])
  end
  return values
end

-- Sets fields, given as name, JSON text, name, JSON text, …
local function doc_set(key, ...)
  call('HSET', key, ...)
end

local doc_create = doc_set

-- How a client's own JSON text is kept: as it is.
local function doc_verbatim(text)
  return text
end

-- The whole document, for the caller to decode.
local function doc_read(key)
  return call('HGETALL', key)
end
