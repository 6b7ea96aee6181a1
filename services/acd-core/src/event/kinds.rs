//! Every kind of event, with the members that it carries.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::instant;
use crate::{
    agent::Presence,
    contact::RejectionReason,
    ids::{AgentId, ContactId, Reason},
    names::names,
    skill::Skills,
    time::Timestamp,
};

/// Defines the kinds of event. A kind is written once: its payload type, [`EventKind`],
/// [`Payload`], the API description and the reference all come from here.
macro_rules! kinds {
    ($(
        $(#[doc = $doc:literal])+
        $kind:ident = $text:literal, example $example:literal {
            $($(#[$field_meta:meta])+ $field:ident: $type:ty,)+
        }
    )+) => {
        names! {
            /// What can happen in a center.
            pub enum EventKind {
                $($(#[doc = $doc])+ $kind = $text,)+
            }
        }

        $(
            $(#[doc = $doc])+
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
            pub struct $kind {
                $($(#[$field_meta])+ pub $field: $type,)+
            }

            impl From<$kind> for Payload {
                fn from(payload: $kind) -> Self {
                    Self::$kind(payload)
                }
            }
        )+

        /// What happened, and to what.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum Payload {
            $($(#[doc = $doc])+ $kind($kind),)+
            /// A kind, or a form of a known kind, that this release does not know: a newer release
            /// that runs side by side wrote it. Its members are in [`Event::other`](super::Event).
            #[serde(skip)]
            Unknown(String),
        }

        impl Payload {
            /// The kind; `None` when this release does not know the kind or its form.
            pub const fn kind(&self) -> Option<EventKind> {
                match self {
                    $(Self::$kind(_) => Some(EventKind::$kind),)+
                    Self::Unknown(_) => None,
                }
            }

            /// The payload of an event of `kind` from the JSON text of its members; `None` when they
            /// don't fit.
            pub(super) fn parse(kind: EventKind, members: &str) -> Option<Self> {
                match kind {
                    $(EventKind::$kind => {
                        serde_json::from_str(members).ok().map(Self::$kind)
                    })+
                }
            }
        }

        impl EventKind {
            /// The names of the members that events of this kind have besides `id`, `type`, `at`.
            pub const fn members(self) -> &'static [&'static str] {
                match self {
                    $(Self::$kind => &[$(stringify!($field)),+],)+
                }
            }

            /// An example of these members, as JSON text.
            pub const fn example(self) -> &'static str {
                match self {
                    $(Self::$kind => $example,)+
                }
            }

            /// The name and the schema of the payload, and the schemas that it refers to.
            pub(super) fn schema(self) -> super::schema::PayloadSchema {
                match self {
                    $(Self::$kind => super::schema::PayloadSchema::of::<$kind>(),)+
                }
            }
        }
    };
}

kinds! {
    /// A center was created, or its settings changed.
    CenterUpdated = "center.updated", example r#"{"open":true}"# {
        /// Whether the center takes new contacts.
        open: bool,
    }

    /// A contact was created and waits.
    ContactQueued = "contact.queued",
    example r#"{"contact":"call-1","priority":0,"skills":["billing","en"]}"# {
        /// The contact.
        contact: ContactId,
        /// Its priority, from -100 to 100.
        priority: i32,
        /// The skills that it needs.
        skills: Skills,
    }

    /// A contact was created and not queued.
    ContactRejected = "contact.rejected",
    example r#"{"contact":"call-1","reason":"queue_full"}"# {
        /// The contact.
        contact: ContactId,
        /// Why it was rejected.
        reason: RejectionReason,
    }

    /// An agent got a contact.
    ContactAssigned = "contact.assigned",
    example r#"{"agent":"ann","candidates":3,"contact":"call-1","idle_since":"2026-11-21T09:29:48.500Z","wait_ms":2125}"# {
        /// The agent.
        agent: AgentId,
        /// How many available agents had the skills, or the bound at which counting stopped.
        candidates: u64,
        /// The contact.
        contact: ContactId,
        /// When the agent became available. The agent with the earliest time gets the next matching
        /// contact.
        #[serde(alias = "idle_since_ms", deserialize_with = "instant")]
        idle_since: Timestamp,
        /// How long the contact waited since it was created, in milliseconds.
        wait_ms: i64,
    }

    /// A contact was taken from its agent and waits again, in its former place.
    ContactRequeued = "contact.requeued", example r#"{"agent":"ann","contact":"call-1"}"# {
        /// The agent that had it.
        agent: AgentId,
        /// The contact.
        contact: ContactId,
    }

    /// The agent is done with the contact.
    ContactCompleted = "contact.completed",
    example r#"{"agent":"ann","contact":"call-1","handle_ms":184000}"# {
        /// The agent that had it.
        agent: AgentId,
        /// The contact.
        contact: ContactId,
        /// How long the agent had it, in milliseconds.
        handle_ms: i64,
    }

    /// The customer left while waiting.
    ContactAbandoned = "contact.abandoned",
    example r#"{"contact":"call-1","wait_ms":61000}"# {
        /// The contact.
        contact: ContactId,
        /// How long it had waited since it was created, in milliseconds.
        wait_ms: i64,
    }

    /// An operator or a client ended the contact.
    ContactCanceled = "contact.canceled",
    example r#"{"contact":"call-1","wait_ms":15000}"# {
        /// The agent that had it; absent when it was queued.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        agent: Option<AgentId>,
        /// The contact.
        contact: ContactId,
        /// How long it had waited since it was created, in milliseconds; absent when it was assigned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        wait_ms: Option<i64>,
    }

    /// An agent was created.
    AgentCreated = "agent.created",
    example r#"{"agent":"ann","presence":"offline","skills":["billing","en"]}"# {
        /// The agent.
        agent: AgentId,
        /// The presence that it begins with.
        presence: Presence,
        /// Its skills.
        skills: Skills,
    }

    /// An agent's skills, names or attributes changed.
    AgentUpdated = "agent.updated", example r#"{"agent":"ann","skills":["billing","en","es"]}"# {
        /// The agent.
        agent: AgentId,
        /// All its skills; absent when they did not change.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        skills: Option<Skills>,
    }

    /// An agent's presence was set, or a busy agent's presence after its contact was set.
    AgentPresence = "agent.presence",
    example r#"{"agent":"ann","next_presence":"not_ready","next_reason":"meal","presence":"ready","reason":null}"# {
        /// The agent.
        agent: AgentId,
        /// The presence that a busy agent takes after its contact, null for none but its present
        /// one; absent when the agent is not busy.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::wire::present")]
        #[schema(value_type = Option<Presence>)]
        next_presence: Option<Option<Presence>>,
        /// The reason of that presence; absent when the agent is not busy.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "super::wire::present")]
        #[schema(value_type = Option<Reason>)]
        next_reason: Option<Option<Reason>>,
        /// Its presence now.
        presence: Presence,
        /// Why the agent is not ready, null for no reason.
        reason: Option<Reason>,
    }

    /// An agent was deleted.
    AgentDeleted = "agent.deleted", example r#"{"agent":"ann"}"# {
        /// The agent.
        agent: AgentId,
    }
}

impl Payload {
    /// The name of the kind, also of one that this release does not know.
    pub fn name(&self) -> &str {
        match self {
            Self::Unknown(name) => name,
            known => known.kind().map_or("", EventKind::as_str),
        }
    }

    /// The contact that it happened to; `None` when it happened to none, or is unknown.
    pub const fn contact(&self) -> Option<&ContactId> {
        match self {
            Self::ContactQueued(ContactQueued { contact, .. })
            | Self::ContactRejected(ContactRejected { contact, .. })
            | Self::ContactAssigned(ContactAssigned { contact, .. })
            | Self::ContactRequeued(ContactRequeued { contact, .. })
            | Self::ContactCompleted(ContactCompleted { contact, .. })
            | Self::ContactAbandoned(ContactAbandoned { contact, .. })
            | Self::ContactCanceled(ContactCanceled { contact, .. }) => Some(contact),
            Self::CenterUpdated(_)
            | Self::AgentCreated(_)
            | Self::AgentUpdated(_)
            | Self::AgentPresence(_)
            | Self::AgentDeleted(_)
            | Self::Unknown(_) => None,
        }
    }

    /// The agent that it happened to, or that the contact had or got; `None` when there is none, or
    /// the kind is unknown.
    pub const fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::ContactAssigned(ContactAssigned { agent, .. })
            | Self::ContactRequeued(ContactRequeued { agent, .. })
            | Self::ContactCompleted(ContactCompleted { agent, .. })
            | Self::AgentCreated(AgentCreated { agent, .. })
            | Self::AgentUpdated(AgentUpdated { agent, .. })
            | Self::AgentPresence(AgentPresence { agent, .. })
            | Self::AgentDeleted(AgentDeleted { agent }) => Some(agent),
            Self::ContactCanceled(ContactCanceled { agent, .. }) => agent.as_ref(),
            Self::CenterUpdated(_)
            | Self::ContactQueued(_)
            | Self::ContactRejected(_)
            | Self::ContactAbandoned(_)
            | Self::Unknown(_) => None,
        }
    }
}
