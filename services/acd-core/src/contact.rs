//! A contact: a call, a chat, a task that needs skills.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    ids::{AgentId, CenterId, ContactId},
    names::names,
    skill::Skills,
    time::Timestamp,
};

/// A point of priority is worth this many milliseconds of waiting.
pub const PRIORITY_MS: i64 = 60_000;

names! {
    /// What is known of a contact's way: `queued → assigned → completed`, with its other ends.
    #[serde(rename_all = "snake_case")]
    pub enum ContactState {
        /// Waiting for an agent.
        Queued = "queued",
        /// With an agent.
        Assigned = "assigned",
        /// The agent is done.
        Completed = "completed",
        /// The customer left while waiting.
        Abandoned = "abandoned",
        /// Ended by an operator or the API.
        Canceled = "canceled",
        /// Never queued: the center was closed or its queue full.
        Rejected = "rejected",
    }
}

impl ContactState {
    /// True when nothing more happens to a contact in this state.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Assigned)
    }
}

names! {
    /// Why a new contact was rejected.
    #[serde(rename_all = "snake_case")]
    pub enum RejectionReason {
        /// The center takes no new contacts.
        Closed = "closed",
        /// As many contacts wait as the center allows.
        QueueFull = "queue_full",
    }
}

/// A contact as the API shows it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    /// Its id within the center.
    pub id: ContactId,
    /// The center it belongs to.
    pub center: CenterId,
    /// Where it is on its way.
    pub state: ContactState,
    /// What it needs, as given.
    pub skills: Skills,
    /// From -100 to 100; a point is worth a minute of waiting.
    pub priority: i32,
    /// The client's own data, returned to the letter.
    #[schema(value_type = Option<Object>)]
    pub attributes: Option<Box<RawValue>>,
    /// When it came; kept when it goes back to the queue.
    pub queued_at: Timestamp,
    /// When the agent it has (or had last) got it.
    pub assigned_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The agent it has, or had when it ended.
    pub agent: Option<AgentId>,
    /// Why it was rejected.
    pub reason: Option<RejectionReason>,
    /// How often it went back to the queue.
    pub requeues: u32,
    /// Its place among the waiting contacts with the same needs, 1 is next; only while queued, and
    /// not in a list of contacts.
    pub position: Option<u64>,
    /// Contacts ahead of it in the whole center × mean handling time ÷ agents at work, in seconds;
    /// only while queued, and only when both are known.
    pub estimated_wait_s: Option<f64>,
}

impl Contact {
    /// What it is ordered by while it waits, in ms: the smaller, the sooner.
    pub fn rank(&self) -> i64 {
        self.queued_at.ms() - i64::from(self.priority) * PRIORITY_MS
    }
}

/// What a new contact is made of.
#[derive(Clone, Debug)]
pub struct NewContact {
    /// Its id: the client's, derived from an idempotency key, or generated.
    pub id: ContactId,
    /// What it needs.
    pub skills: Skills,
    /// From -100 to 100.
    pub priority: i32,
    /// The client's own data, kept to the letter.
    pub attributes: Option<Box<RawValue>>,
}

impl NewContact {
    /// True when `contact` is what creating this again would have to give: the request is a repeat.
    pub fn describes(&self, contact: &Contact) -> bool {
        self.skills == contact.skills
            && self.priority == contact.priority
            && same_json(self.attributes.as_deref(), contact.attributes.as_deref())
    }
}

/// True when two JSON texts say the same, however they are spaced.
pub(crate) fn same_json(a: Option<&RawValue>, b: Option<&RawValue>) -> bool {
    let value = |raw: &RawValue| serde_json::from_str::<serde_json::Value>(raw.get()).ok();
    a.and_then(value) == b.and_then(value)
}

/// How a contact is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndContact {
    /// The agent is done: from `assigned`.
    Complete,
    /// An operator ends it: from `queued` or `assigned`.
    Cancel,
    /// The customer left while waiting: from `queued`.
    Abandon,
    /// What the classic routes call complete: completed if assigned, abandoned if still waiting.
    Finish,
}

/// Which contacts to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactFilter {
    /// Those that wait, the next first.
    #[default]
    Queued,
    /// Those with an agent, the longest assigned first.
    Assigned,
    /// Those that ended and are still kept, the first to end first.
    Ended,
}
