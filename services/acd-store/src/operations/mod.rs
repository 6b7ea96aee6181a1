//! What may be asked of the store, by noun.

pub(crate) mod agents;
pub(crate) mod centers;
pub(crate) mod consistency;
pub(crate) mod contacts;
pub(crate) mod dispatch;
pub(crate) mod events;
pub(crate) mod explain;
pub(crate) mod skills;
pub(crate) mod stats;
