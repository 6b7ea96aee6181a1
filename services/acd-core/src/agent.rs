//! An agent, on two axes that are never mixed: presence (what the agent wants) and work (derived).

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    contact::same_json,
    ids::{AgentId, CenterId, ContactId, Reason},
    names::names,
    skill::{Skill, Skills},
    time::Timestamp,
};

names! {
    /// Whether the agent is at work and takes contacts. Clients set it.
    #[serde(rename_all = "snake_case")]
    #[schema(examples("ready"))]
    pub enum Presence {
        /// Not at work.
        Offline = "offline",
        /// At work, and takes contacts.
        Ready = "ready",
        /// At work, but takes no contacts for now.
        NotReady = "not_ready",
    }
}

names! {
    /// Whether the agent has a contact. Read-only.
    #[serde(rename_all = "snake_case")]
    #[schema(examples("idle"))]
    pub enum Work {
        /// The agent has no contact.
        Idle = "idle",
        /// The agent has a contact.
        Busy = "busy",
    }
}

/// A presence and its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"presence": "not_ready", "reason": "meal"})))]
pub struct PresenceChange {
    /// The presence to set.
    pub presence: Presence,
    /// The reason; only allowed with `not_ready`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

impl PresenceChange {
    /// Ready for contacts.
    pub const READY: Self = Self { presence: Presence::Ready, reason: None };
}

/// An agent as the API returns it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": "ada", "center": "main", "first_name": "Ada", "last_name": "King",
    "skills": ["billing", "english"], "attributes": {"extension": "1815"},
    "presence": "ready", "reason": null, "next_presence": null, "work": "idle",
    "available": true, "contact": null, "idle_since": "2026-11-21T09:30:00.125Z",
    "created_at": "2026-11-21T09:00:00.000Z"
})))]
pub struct Agent {
    /// The id of the agent.
    pub id: AgentId,
    /// The center of the agent.
    pub center: CenterId,
    /// The first name; may be empty.
    pub first_name: String,
    /// The last name; may be empty.
    pub last_name: String,
    /// The skills of the agent, sorted by code point.
    pub skills: Skills,
    /// The client's own data, returned exactly as it was sent.
    #[schema(value_type = Option<Object>)]
    pub attributes: Option<Box<RawValue>>,
    /// Whether the agent is at work and takes contacts.
    pub presence: Presence,
    /// The reason why the agent is `not_ready`, if one was given.
    pub reason: Option<Reason>,
    /// The presence that takes effect when the current contact ends or is requeued.
    pub next_presence: Option<PresenceChange>,
    /// Whether the agent has a contact.
    pub work: Work,
    /// True when the agent is `ready` and `idle`: the next matching contact can be assigned to it.
    pub available: bool,
    /// The contact that the agent has.
    pub contact: Option<ContactId>,
    /// When the agent became available. The available agent with the earliest time gets the next
    /// matching contact.
    pub idle_since: Option<Timestamp>,
    /// When the agent was created.
    pub created_at: Timestamp,
}

/// The values of a new agent.
#[derive(Clone, Debug)]
pub struct NewAgent {
    /// The id: given by the client, derived from an idempotency key, or generated.
    pub id: AgentId,
    /// The first name; may be empty.
    pub first_name: String,
    /// The last name; may be empty.
    pub last_name: String,
    /// The skills.
    pub skills: Skills,
    /// The client's own data, stored exactly as it was sent.
    pub attributes: Option<Box<RawValue>>,
    /// The first presence: `offline`, or `not_ready` for the classic routes.
    pub presence: Presence,
}

impl NewAgent {
    /// True when `agent` has the values of this request: the request is a retry.
    pub fn describes(&self, agent: &Agent) -> bool {
        self.first_name == agent.first_name
            && self.last_name == agent.last_name
            && self.skills.sorted() == agent.skills
            && same_json(self.attributes.as_deref(), agent.attributes.as_deref())
    }
}

/// A change to an agent. `None` leaves a value unchanged.
#[derive(Clone, Debug, Default)]
pub struct AgentChange {
    /// A new first name.
    pub first_name: Option<String>,
    /// A new last name.
    pub last_name: Option<String>,
    /// The new list of skills.
    pub skills: Option<Skills>,
    /// New client's own data.
    pub attributes: Option<Box<RawValue>>,
}

/// A skill, and how many agents have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({"skill": "english", "agents": 12, "available": 3})))]
pub struct SkillUse {
    /// The skill.
    pub skill: Skill,
    /// The number of agents that have the skill.
    pub agents: u64,
    /// The number of those agents that are available.
    pub available: u64,
}
