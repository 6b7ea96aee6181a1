//! An event, as far as a simulation looks at it.

use acd_core::{
    event::EventId,
    ids::{AgentId, ContactId},
    skill::Skills,
    time::Timestamp,
};
use serde::Deserialize;

/// What happened, of all that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Kind {
    /// A contact began to wait.
    #[serde(rename = "contact.queued")]
    Queued,
    /// An agent got a contact.
    #[serde(rename = "contact.assigned")]
    Assigned,
    /// A contact went back to the queue.
    #[serde(rename = "contact.requeued")]
    Requeued,
    /// An agent was done with a contact.
    #[serde(rename = "contact.completed")]
    Completed,
    /// A contact ended in another way.
    #[serde(
        rename = "contact.abandoned",
        alias = "contact.canceled",
        alias = "contact.expired",
        alias = "contact.rejected"
    )]
    Ended,
    /// Nothing that we look at.
    #[serde(other)]
    Other,
}

/// The same JSON as [`acd_core::event::Event`], read into the fields that matter here: a bench reads
/// ten thousand of them a second.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Fact {
    /// Its place in the log.
    pub(crate) id: EventId,
    /// When, by Redis's clock.
    pub(crate) at: Timestamp,
    /// What happened.
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// To which contact.
    pub(crate) contact: Option<ContactId>,
    /// With which agent.
    pub(crate) agent: Option<AgentId>,
    /// What the contact needs; when it is queued.
    pub(crate) skills: Option<Skills>,
    /// How long the contact waited; when it is assigned.
    pub(crate) wait_ms: Option<i64>,
    /// Since when the agent was available; when it gets a contact.
    pub(crate) idle_since: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_knows_and_lets_the_rest_be() {
        let fact: Fact = serde_json::from_str(
            r#"{"id":"5-1","type":"contact.assigned","at":"2026-11-21T09:30:00.125Z","contact":"c",
                "agent":"a","wait_ms":7,"idle_since":"2026-11-21T09:30:00.120Z","candidates":3}"#,
        )
        .unwrap();
        assert_eq!((fact.kind, fact.wait_ms), (Kind::Assigned, Some(7)));
        assert!(fact.idle_since.unwrap() < fact.at);

        let kinds = ["contact.canceled", "agent.presence", "something.new"].map(|kind| {
            let json = format!(r#"{{"id":"5-1","at":"2026-11-21T09:30:00Z","type":"{kind}"}}"#);
            serde_json::from_str::<Fact>(&json).unwrap().kind
        });
        assert_eq!(kinds, [Kind::Ended, Kind::Other, Kind::Other]);
    }
}
