//! What happened in a center, in order: one Redis Stream, written by the same script as the change.
//!
//! An event is an [`EventId`], an instant, and a [`Payload`]: one type for each [`EventKind`].
//! The kinds and their members have a [schema version](SCHEMA_VERSION). Adding a kind or a member
//! does not change it. What this release does not know passes through it unchanged, because during
//! an upgrade a newer release may write to the same log.

mod id;
mod kinds;
mod schema;
mod wire;

use serde_json::{Map, Value};

pub use self::{
    id::{EventId, InvalidEventId},
    kinds::{
        AgentCreated, AgentDeleted, AgentPresence, AgentUpdated, CenterUpdated, ContactAbandoned,
        ContactAssigned, ContactCanceled, ContactCompleted, ContactQueued, ContactRejected,
        ContactRequeued, EventKind, Payload,
    },
    schema::reference,
};
use crate::time::Timestamp;

/// The version of the events' schema, which a change that is no addition raises.
///
/// An event carries the version in its member `v`, which is left out while the version is 1.
/// An event of another version is a [`Payload::Unknown`].
pub const SCHEMA_VERSION: u32 = 1;

/// Something that happened.
///
/// In JSON it is one object: `id`, `type`, `at`, the members of the payload, and [`Event::other`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the log; pass it as `after` or `Last-Event-ID` to go on from here.
    pub id: EventId,
    /// When, by Redis's clock.
    pub at: Timestamp,
    /// What happened, and to what.
    pub payload: Payload,
    /// Members that the payload has no place for; they are kept as they were read. Empty, unless
    /// another release wrote the event.
    pub other: Map<String, Value>,
}

#[cfg(test)]
mod tests;
