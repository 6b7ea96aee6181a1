//! Why a contact is where it is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    agent::SkillUse,
    contact::ContactState,
    ids::{AgentId, ContactId},
    skill::{Skill, Skills},
    stats::AgentCounts,
    time::Timestamp,
};

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
    pub skills: Vec<SkillUse>,
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
