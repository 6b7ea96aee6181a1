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
    /// What the agent wants.
    #[serde(rename_all = "snake_case")]
    pub enum Presence {
        /// Not at work.
        Offline = "offline",
        /// Takes contacts.
        Ready = "ready",
        /// At work, takes no contacts now.
        NotReady = "not_ready",
    }
}

names! {
    /// What the agent does: derived from the contact it has, read-only.
    #[serde(rename_all = "snake_case")]
    pub enum Work {
        /// Has no contact.
        Idle = "idle",
        /// Has a contact.
        Busy = "busy",
    }
}

/// A presence with its reason, as it is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresenceChange {
    /// The presence to go to.
    pub presence: Presence,
    /// Why, in a word; only with `not_ready`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

impl PresenceChange {
    /// Ready for contacts.
    pub const READY: Self = Self { presence: Presence::Ready, reason: None };
}

/// An agent as the API shows it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Agent {
    /// Its id within the center.
    pub id: AgentId,
    /// The center it belongs to.
    pub center: CenterId,
    /// First name, may be empty.
    pub first_name: String,
    /// Last name, may be empty.
    pub last_name: String,
    /// What it can do, in canonical order.
    pub skills: Skills,
    /// The client's own data, returned to the letter.
    #[schema(value_type = Option<Object>)]
    pub attributes: Option<Box<RawValue>>,
    /// What it wants.
    pub presence: Presence,
    /// Why it is not ready.
    pub reason: Option<Reason>,
    /// Where it goes once its contact has ended.
    pub next_presence: Option<PresenceChange>,
    /// What it does.
    pub work: Work,
    /// Ready, and with room for a contact.
    pub available: bool,
    /// The contact it has.
    pub contact: Option<ContactId>,
    /// Since when it is available: who has been so longest is served first.
    pub idle_since: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// What a new agent is made of; it begins offline.
#[derive(Clone, Debug)]
pub struct NewAgent {
    /// Its id: the client's, derived from an idempotency key, or generated.
    pub id: AgentId,
    /// First name, may be empty.
    pub first_name: String,
    /// Last name, may be empty.
    pub last_name: String,
    /// What it can do.
    pub skills: Skills,
    /// The client's own data, kept to the letter.
    pub attributes: Option<Box<RawValue>>,
    /// Where it begins: offline, or not ready for the classic routes.
    pub presence: Presence,
}

impl NewAgent {
    /// True when `agent` is what creating this again would have to give: the request is a repeat.
    pub fn describes(&self, agent: &Agent) -> bool {
        self.first_name == agent.first_name
            && self.last_name == agent.last_name
            && self.skills.sorted() == agent.skills
            && same_json(self.attributes.as_deref(), agent.attributes.as_deref())
    }
}

/// What to change of an agent; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct AgentChange {
    /// A new first name.
    pub first_name: Option<String>,
    /// A new last name.
    pub last_name: Option<String>,
    /// All its skills anew.
    pub skills: Option<Skills>,
    /// The client's own data anew.
    pub attributes: Option<Box<RawValue>>,
}

/// A skill and who has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SkillUse {
    /// The skill.
    pub skill: Skill,
    /// How many agents have it.
    pub agents: u64,
    /// How many of them are available.
    pub available: u64,
}
