//! Statistics of a center.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::CenterId;

/// The number of agents by state. Every agent is in exactly one of `available`, `busy`, `not_ready`
/// and `offline`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "total": 40, "available": 3, "busy": 30, "not_ready": 4, "offline": 3
})))]
pub struct AgentCounts {
    /// All agents.
    pub total: u64,
    /// Ready agents without a contact.
    pub available: u64,
    /// Agents with a contact.
    pub busy: u64,
    /// Agents that are not ready and have no contact.
    pub not_ready: u64,
    /// Agents that are offline and have no contact.
    pub offline: u64,
}

/// The service level, and the figures it is calculated from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "value": 0.8, "threshold_s": 20, "answered_within": 84, "answered": 100, "abandoned": 9,
    "short_abandoned": 4,
    "formula": "answered within 20 s / (answered + abandoned - short_abandoned)"
})))]
pub struct ServiceLevel {
    /// The service level, 0 to 1; `null` until a contact is answered or abandoned.
    pub value: Option<f64>,
    /// The current threshold in seconds.
    pub threshold_s: u32,
    /// The number of contacts answered within the threshold that was set when they were answered.
    pub answered_within: u64,
    /// The number of contacts answered. A contact that is requeued counts once.
    pub answered: u64,
    /// The number of contacts abandoned.
    pub abandoned: u64,
    /// The number of contacts abandoned before `short_abandon_s`.
    pub short_abandoned: u64,
    /// The formula of `value`.
    pub formula: String,
}

/// The statistics of a center, all read at the same instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "center": "main", "open": true, "waiting": 2, "oldest_waiting_s": 12.5, "assigned": 30,
    "agents": {"total": 40, "available": 3, "busy": 30, "not_ready": 4, "offline": 3},
    "counters": {"contacts_queued": 141, "contacts_assigned": 130, "contacts_completed": 100},
    "service_level": {
        "value": 0.8, "threshold_s": 20, "answered_within": 84, "answered": 100, "abandoned": 9,
        "short_abandoned": 4,
        "formula": "answered within 20 s / (answered + abandoned - short_abandoned)"
    },
    "asa_s": 8.2, "aht_s": 181.0, "abandonment_rate": 0.0826
})))]
pub struct Stats {
    /// The center.
    pub center: CenterId,
    /// Whether new contacts are accepted.
    pub open: bool,
    /// The number of queued contacts.
    pub waiting: u64,
    /// How long the oldest queued contact has been waiting, in seconds.
    pub oldest_waiting_s: Option<f64>,
    /// The number of assigned contacts.
    pub assigned: u64,
    /// The number of agents by state.
    pub agents: AgentCounts,
    /// Counters since the center was created, such as `contacts_queued`.
    pub counters: BTreeMap<String, u64>,
    /// The service level.
    pub service_level: ServiceLevel,
    /// Average speed of answer: the mean waiting time of answered contacts, in seconds.
    pub asa_s: Option<f64>,
    /// Average handling time: the mean time from assignment to completion, in seconds.
    pub aht_s: Option<f64>,
    /// The abandonment rate: abandoned ÷ (answered + abandoned).
    pub abandonment_rate: Option<f64>,
}
