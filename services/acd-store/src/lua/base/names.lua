-- The names that scripts store, and share with the Rust code. No other file has them as literals.
-- A test holds this file against the Rust code, in both directions: call/scripts/names.rs.

-- Keys of a partition, after "acd:{p}:".
local KEY_DIRTY = 'dirty'
local KEY_BELL = 'bell'
local KEY_TIMERS = 'timers'
local KEY_CENTERS = 'centers'

-- Keys of a center, after "acd:{p}:<center>:". One that ends with a colon is followed by an id, a
-- skill or a signature.
local KEY_CONFIG = 'config'
local KEY_COUNTERS = 'counters'
local KEY_EVENTS = 'events'
local KEY_CONTACT = 'contact:'
local KEY_QUEUE = 'queue'
local KEY_ASSIGNED = 'assigned'
local KEY_ENDED = 'ended'
local KEY_WAITING = 'waiting:'
local KEY_HEADS = 'heads:'
local KEY_ASIDE = 'aside'
local KEY_AGENTS = 'agents'
local KEY_AGENT = 'agent:'
local KEY_AVAILABLE = 'available:'
local KEY_NOT_READY = 'not_ready'
local KEY_SKILLS = 'skills'
local KEY_SKILL = 'skill:'

-- States of a contact.
local STATE_QUEUED = 'queued'
local STATE_ASSIGNED = 'assigned'
local STATE_COMPLETED = 'completed'
local STATE_ABANDONED = 'abandoned'
local STATE_CANCELED = 'canceled'
local STATE_REJECTED = 'rejected'

-- Why a contact is rejected.
local REASON_CLOSED = 'closed'
local REASON_QUEUE_FULL = 'queue_full'

-- Presences of an agent.
local PRESENCE_OFFLINE = 'offline'
local PRESENCE_READY = 'ready'
local PRESENCE_NOT_READY = 'not_ready'

-- Kinds of events.
local EVENT_CENTER_UPDATED = 'center.updated'
local EVENT_CONTACT_QUEUED = 'contact.queued'
local EVENT_CONTACT_REJECTED = 'contact.rejected'
local EVENT_CONTACT_ASSIGNED = 'contact.assigned'
local EVENT_CONTACT_REQUEUED = 'contact.requeued'
local EVENT_CONTACT_COMPLETED = 'contact.completed'
local EVENT_CONTACT_ABANDONED = 'contact.abandoned'
local EVENT_CONTACT_CANCELED = 'contact.canceled'
local EVENT_AGENT_CREATED = 'agent.created'
local EVENT_AGENT_UPDATED = 'agent.updated'
local EVENT_AGENT_DELETED = 'agent.deleted'
local EVENT_AGENT_PRESENCE = 'agent.presence'

-- Codes of refusals.
local REFUSAL_NO_CENTER = 'NO_CENTER'
local REFUSAL_NO_CONTACT = 'NO_CONTACT'
local REFUSAL_NO_AGENT = 'NO_AGENT'
local REFUSAL_CONFLICT = 'CONFLICT'
local REFUSAL_AGENT_BUSY = 'AGENT_BUSY'
local REFUSAL_TOO_MANY_SKILLS = 'TOO_MANY_SKILLS'

-- Work in `dirty`, `<kind>|<center>|<name>`: a signature whose head may be served, an agent that may
-- serve.
local WORK_SIGNATURE = 's'
local WORK_AGENT = 'a'

-- Timers in `timers`, `<kind>|<center>`: ended contacts are to be forgotten.
local TIMER_PURGE = 'purge'
