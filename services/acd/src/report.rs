//! What a center tells of itself: figures, explanations, consistency.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    contact::ContactState,
    ids::{AgentId, CenterId, ContactId},
    skill::{Skill, Skills},
    time::Timestamp,
};

/// A part of a list, and where the next part begins.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// This part.
    pub items: Vec<T>,
    /// Pass it as `cursor` for the next part; `null` at the end.
    pub next: Option<String>,
}

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

/// Why a contact is where it is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// The contact.
    pub contact: ContactId,
    /// Where it is on its way.
    pub state: ContactState,
    /// While it waits: for what.
    pub waiting: Option<WhyWaiting>,
    /// Once it was assigned: why to that agent.
    pub decision: Option<Decision>,
}

/// What a waiting contact lacks.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WhyWaiting {
    /// In a sentence.
    pub summary: String,
    /// Since when it waits, in seconds.
    pub waited_s: f64,
    /// Its place among those with the same needs, 1 is next.
    pub position: u64,
    /// Its place among all that wait, 1 is next.
    pub queue_position: u64,
    /// What it needs.
    pub required: Skills,
    /// Who has each of these skills.
    pub skills: Vec<crate::agent::SkillUse>,
    /// The agents that have all of them, by what they are doing.
    pub qualified: AgentCounts,
    /// Required skills that no agent of the center has.
    pub missing: Vec<Skill>,
}

/// Why an agent got a contact, as recorded at that instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// Who got it.
    pub agent: AgentId,
    /// Since when that agent was available: nobody with the skills had been so for longer.
    pub idle_since: Timestamp,
    /// When it was decided.
    pub assigned_at: Timestamp,
    /// How long the contact had waited, in seconds.
    pub wait_s: f64,
    /// Available agents with all the skills among those that were looked at.
    pub candidates: u64,
    /// Available agents that were looked at: those with the rarest of the required skills, the
    /// longest idle first, until a match was certain.
    pub examined: u64,
    /// True when all available agents with the rarest skill were looked at, so that `candidates`
    /// is exact; otherwise there may be more.
    pub exact: bool,
}

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
