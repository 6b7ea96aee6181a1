//! The result of a consistency check.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::CenterId;

/// The result of checking every invariant of a center.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "center": "main", "consistent": true,
    "checked": {"contacts": 132, "agents": 40, "signatures": 1, "skills": 6}, "violations": []
})))]
pub struct Consistency {
    /// The center.
    pub center: CenterId,
    /// True when no invariant is violated.
    pub consistent: bool,
    /// The number of items checked.
    pub checked: Checked,
    /// The violations, at most 100.
    pub violations: Vec<Violation>,
}

/// The number of items that a consistency check has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({"contacts": 132, "agents": 40, "signatures": 1, "skills": 6})))]
pub struct Checked {
    /// Queued, assigned and ended contacts.
    pub contacts: u64,
    /// Agents.
    pub agents: u64,
    /// Lists of queued contacts, one for each set of required skills.
    pub signatures: u64,
    /// Lists of available agents, one for each skill.
    pub skills: u64,
}

/// A violated invariant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "invariant": "load", "subject": "agent:ada",
    "detail": "has c1, which is completed and names ada"
})))]
pub struct Violation {
    /// The name of the invariant.
    pub invariant: String,
    /// The subject: `contact:<id>`, `agent:<id>`, `signature:<text>`, `skill:<text>`, `counters`.
    pub subject: String,
    /// What was found, and what was expected.
    pub detail: String,
}
