-- Documents as RedisJSON (2.6 or later, for JSON.MERGE): the same operations as docs_hash.lua.

local function value(found)
  local first = found and found[1]
  return first ~= cjson.null and first or false
end

-- The named fields' values in a list; false where there is none. A missing document has none.
local function doc_get(key, ...)
  local names = { ... }
  local paths, values = {}, {}
  for i = 1, #names do
    paths[i] = '$.' .. names[i]
  end
  local text = call('JSON.GET', key, unpack(paths))
  local found = text and cjson.decode(text) or {}
  if #names == 1 then
    return { value(found) }
  end
  for i = 1, #names do
    values[i] = value(found[paths[i]])
  end
  return values
end

local function object(...)
  local members = { ... }
  local parts = {}
  for i = 1, #members, 2 do
    parts[#parts + 1] = '"' .. members[i] .. '":' .. members[i + 1]
  end
  return '{' .. table.concat(parts, ',') .. '}'
end

-- Sets fields, given as name, JSON text, name, JSON text, …; null removes one.
local function doc_set(key, ...)
  call('JSON.MERGE', key, '$', object(...))
end

local function doc_create(key, ...)
  call('JSON.SET', key, '$', object(...))
end

-- How a client's own JSON text is kept: as a string, so that it is returned to the letter, and
-- replaced as a whole where JSON.MERGE would mix the old and the new.
local function doc_verbatim(text)
  return cjson.encode(text)
end

-- The whole document, for the caller to decode.
local function doc_read(key)
  return call('JSON.GET', key)
end
