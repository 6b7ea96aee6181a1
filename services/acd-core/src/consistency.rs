//! What checking every invariant of a center found.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::CenterId;

/// What looking at every invariant of a center found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Consistency {
    /// The center.
    pub center: CenterId,
    /// True when nothing was found.
    pub consistent: bool,
    /// How much was looked at.
    pub checked: Checked,
    /// What was found, at most 100.
    pub violations: Vec<Violation>,
}

/// How much a consistency check looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Checked {
    /// Contacts, waiting, assigned and ended.
    pub contacts: u64,
    /// Agents.
    pub agents: u64,
    /// Lists of waiting contacts.
    pub signatures: u64,
    /// Lists of available agents.
    pub skills: u64,
}

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Violation {
    /// Which one.
    pub invariant: String,
    /// Of what: `contact:<id>`, `agent:<id>`, `signature:<text>`, `skill:<text>`, `counters`.
    pub subject: String,
    /// What was found, and what was expected.
    pub detail: String,
}
