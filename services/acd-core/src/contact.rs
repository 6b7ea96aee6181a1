//! A contact: a call, chat or task, and the skills it requires.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    ids::{AgentId, CenterId, ContactId},
    names::names,
    skill::Skills,
    time::Timestamp,
};

/// One point of priority counts as this many milliseconds of waiting.
pub const PRIORITY_MS: i64 = 60_000;

names! {
    /// The state of a contact. The usual order is `queued`, `assigned`, `completed`.
    #[serde(rename_all = "snake_case")]
    #[schema(examples("queued"))]
    pub enum ContactState {
        /// Waiting for an agent.
        Queued = "queued",
        /// Assigned to an agent.
        Assigned = "assigned",
        /// The agent has finished.
        Completed = "completed",
        /// The customer left while the contact was queued.
        Abandoned = "abandoned",
        /// Ended by an operator.
        Canceled = "canceled",
        /// Never queued, because the center was closed or its queue was full.
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
    #[schema(examples("closed"))]
    pub enum RejectionReason {
        /// The center takes no new contacts.
        Closed = "closed",
        /// As many contacts wait as the center allows.
        QueueFull = "queue_full",
    }
}

/// A contact as the API returns it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": "c1", "center": "main", "state": "queued", "skills": ["billing"], "priority": 0,
    "attributes": {"phone": "+44 20 7946 0000"}, "queued_at": "2026-11-21T09:30:00.125Z",
    "assigned_at": null, "ended_at": null, "agent": null, "reason": null, "requeues": 0,
    "position": 1, "estimated_wait_s": null
})))]
pub struct Contact {
    /// The id of the contact.
    pub id: ContactId,
    /// The center of the contact.
    pub center: CenterId,
    /// The state of the contact.
    pub state: ContactState,
    /// The required skills, in the order in which they were sent.
    pub skills: Skills,
    /// The priority, -100 to 100. One point counts as one minute of waiting.
    pub priority: i32,
    /// The client's own data, returned exactly as it was sent.
    #[schema(value_type = Option<Object>)]
    pub attributes: Option<Box<RawValue>>,
    /// When the contact was created. A requeue does not change it.
    pub queued_at: Timestamp,
    /// When the contact was assigned to `agent`.
    pub assigned_at: Option<Timestamp>,
    /// When the contact ended.
    pub ended_at: Option<Timestamp>,
    /// The agent that has the contact, or had it when it ended.
    pub agent: Option<AgentId>,
    /// The reason for a rejection.
    pub reason: Option<RejectionReason>,
    /// The number of times that the contact returned to the queue.
    pub requeues: u32,
    /// The position among the queued contacts that require the same skills; 1 is next.
    /// Only while `queued`, and not in lists.
    pub position: Option<u64>,
    /// The estimated remaining wait in seconds: contacts ahead in the center × mean handling time
    /// ÷ agents at work. Only while `queued`, and `null` while a factor is unknown.
    pub estimated_wait_s: Option<f64>,
}

impl Contact {
    /// The sort key of a queued contact in milliseconds: `queued_at` minus the priority. The
    /// contact with the smallest rank is next.
    pub fn rank(&self) -> i64 {
        self.queued_at.ms() - i64::from(self.priority) * PRIORITY_MS
    }
}

/// The values of a new contact.
#[derive(Clone, Debug)]
pub struct NewContact {
    /// The id: given by the client, derived from an idempotency key, or generated.
    pub id: ContactId,
    /// The required skills.
    pub skills: Skills,
    /// The priority, -100 to 100.
    pub priority: i32,
    /// The client's own data, stored exactly as it was sent.
    pub attributes: Option<Box<RawValue>>,
}

impl NewContact {
    /// True when `contact` has the values of this request: the request is a retry.
    pub fn describes(&self, contact: &Contact) -> bool {
        self.skills == contact.skills
            && self.priority == contact.priority
            && same_json(self.attributes.as_deref(), contact.attributes.as_deref())
    }
}

/// True when two JSON texts are the same value; white space does not matter.
pub(crate) fn same_json(a: Option<&RawValue>, b: Option<&RawValue>) -> bool {
    let value = |raw: &RawValue| serde_json::from_str::<serde_json::Value>(raw.get()).ok();
    a.and_then(value) == b.and_then(value)
}

/// How a contact is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndContact {
    /// The agent has finished: from `assigned`.
    Complete,
    /// An operator ends it: from `queued` or `assigned`.
    Cancel,
    /// The customer left: from `queued`.
    Abandon,
    /// The classic routes' only way to end a contact: `completed` if assigned, `abandoned` if queued.
    Finish,
}

/// The contacts to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(examples("queued"))]
pub enum ContactFilter {
    /// Queued contacts; the next one to be assigned comes first.
    #[default]
    Queued,
    /// Assigned contacts, by the time of their assignment.
    Assigned,
    /// Ended contacts that are still kept, by the time of their end.
    Ended,
}
