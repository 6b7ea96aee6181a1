//! The explanation of a contact's state.

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

/// The reason for a contact's state: why it waits, or why it was assigned to its agent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "contact": "c1", "state": "assigned", "waiting": null,
    "decision": {
        "agent": "ada", "idle_since": "2026-11-21T09:30:00.125Z",
        "assigned_at": "2026-11-21T09:30:05.000Z", "wait_s": 0.002, "candidates": 1,
        "examined": 1, "exact": true
    }
})))]
pub struct Explanation {
    /// The contact.
    pub contact: ContactId,
    /// The state of the contact.
    pub state: ContactState,
    /// Only while `queued`: why the contact waits.
    pub waiting: Option<WhyWaiting>,
    /// Only after an assignment: why that agent was selected.
    pub decision: Option<Decision>,
}

/// Why a queued contact waits.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "summary": "no agent has french", "waited_s": 4.2, "position": 1, "queue_position": 1,
    "required": ["french"], "skills": [{"skill": "french", "agents": 0, "available": 0}],
    "qualified": {"total": 0, "available": 0, "busy": 0, "not_ready": 0, "offline": 0},
    "missing": ["french"]
})))]
pub struct WhyWaiting {
    /// The reason as a sentence.
    pub summary: String,
    /// How long the contact has been waiting, in seconds.
    pub waited_s: f64,
    /// The position among the queued contacts that require the same skills; 1 is next.
    pub position: u64,
    /// The position among all queued contacts of the center; 1 is next.
    pub queue_position: u64,
    /// The required skills.
    pub required: Skills,
    /// The number of agents that have each required skill.
    pub skills: Vec<SkillUse>,
    /// The agents that have all required skills, by state.
    pub qualified: AgentCounts,
    /// The required skills that no agent of the center has.
    pub missing: Vec<Skill>,
}

/// Why a contact was assigned to an agent, recorded at the time of the assignment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "agent": "ada", "idle_since": "2026-11-21T09:30:00.125Z",
    "assigned_at": "2026-11-21T09:30:05.000Z", "wait_s": 0.002, "candidates": 1, "examined": 1,
    "exact": true
})))]
pub struct Decision {
    /// The agent that the contact was assigned to.
    pub agent: AgentId,
    /// When that agent became available: the earliest time of all available agents with the
    /// required skills.
    pub idle_since: Timestamp,
    /// When the contact was assigned.
    pub assigned_at: Timestamp,
    /// How long the contact had waited, in seconds.
    pub wait_s: f64,
    /// The number of examined agents that have all required skills.
    pub candidates: u64,
    /// The number of agents examined. The dispatcher examines the available agents that have the
    /// rarest required skill, the longest idle first, until it has a match.
    pub examined: u64,
    /// True when all available agents with the rarest skill were examined, so that `candidates`
    /// is exact; otherwise there may be more candidates.
    pub exact: bool,
}
