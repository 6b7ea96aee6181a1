//! The figures of a center.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::CenterId;

/// Agents by what they are doing; every agent is in exactly one of the last four.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentCounts {
    /// All of them.
    pub total: u64,
    /// Ready and without a contact.
    pub available: u64,
    /// With a contact.
    pub busy: u64,
    /// Not ready, and without a contact.
    pub not_ready: u64,
    /// Offline, and without a contact.
    pub offline: u64,
}

/// Service level(T), with what it was computed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceLevel {
    /// From 0 to 1; `null` before anybody was answered or left.
    pub value: Option<f64>,
    /// The T, in seconds.
    pub threshold_s: u32,
    /// Contacts answered within T. The T is the one in force when each was answered.
    pub answered_within: u64,
    /// Contacts answered, each once however often it was requeued.
    pub answered: u64,
    /// Contacts whose customer left while waiting.
    pub abandoned: u64,
    /// Those who left sooner than `short_abandon_s`.
    pub short_abandoned: u64,
    /// How `value` follows from the rest.
    pub formula: String,
}

/// The figures of a center, all of one instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Stats {
    /// The center.
    pub center: CenterId,
    /// Whether it takes new contacts.
    pub open: bool,
    /// How many contacts wait.
    pub waiting: u64,
    /// How long the one that came first has been waiting, in seconds.
    pub oldest_waiting_s: Option<f64>,
    /// How many contacts are with an agent.
    pub assigned: u64,
    /// Agents by what they are doing.
    pub agents: AgentCounts,
    /// How often each thing happened since the center was created (`contacts_queued`, …).
    pub counters: BTreeMap<String, u64>,
    /// Service level(T).
    pub service_level: ServiceLevel,
    /// Mean speed of answer: waiting time of answered contacts ÷ their number, in seconds.
    pub asa_s: Option<f64>,
    /// Average handling time: from assignment to completion, in seconds.
    pub aht_s: Option<f64>,
    /// Abandoned ÷ (answered + abandoned).
    pub abandonment_rate: Option<f64>,
}
