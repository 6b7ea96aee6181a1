//! What the event log of a center tells, and whether it can be true.

use std::collections::{BTreeMap, HashMap};

use acd_core::{
    event::{Event, EventKind, Payload},
    ids::{AgentId, ContactId},
};
use serde::Deserialize;
use serde_json::Value;

/// Where a contact is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Waiting,
    With(AgentId),
    Ended(EventKind),
}

/// The log, replayed.
#[derive(Debug, Default)]
pub(crate) struct History {
    places: HashMap<ContactId, Place>,
    hands: HashMap<AgentId, ContactId>,
    /// How often each type of event came.
    pub(crate) counts: BTreeMap<EventKind, u64>,
    /// What can't be: a contact assigned twice, an agent with two contacts, a second end, …
    pub(crate) impossible: Vec<String>,
}

impl History {
    pub(crate) fn replay(events: &[Value]) -> Self {
        let mut history = Self::default();
        for event in events {
            let event = Event::deserialize(event).unwrap_or_else(|e| panic!("{event}: {e}"));
            history.observe(&event);
        }
        history
    }

    /// The contacts that ended otherwise than `completed`, or not at all.
    pub(crate) fn not_completed<'a>(&self, contacts: &'a [String]) -> Vec<&'a String> {
        let completed = Some(&Place::Ended(EventKind::ContactCompleted));
        let place = |id: &String| self.places.get(&id.parse::<ContactId>().expect("an id"));
        contacts.iter().filter(|id| place(id) != completed).collect()
    }

    fn observe(&mut self, event: &Event) {
        let kind = event.payload.kind().unwrap_or_else(|| panic!("unknown: {event:?}"));
        *self.counts.entry(kind).or_default() += 1;
        let Some(contact) = event.payload.contact() else {
            return;
        };
        let was = self.places.get(contact).cloned();
        let (possible, place) = match (&event.payload, event.payload.agent()) {
            (Payload::ContactQueued(_), _) => (was.is_none(), Place::Waiting),
            (Payload::ContactAssigned(_), Some(agent)) => {
                let other = self.hands.insert(agent.clone(), contact.clone());
                let fits = was == Some(Place::Waiting) && other.is_none();
                (fits, Place::With(agent.clone()))
            }
            (Payload::ContactRequeued(_), Some(agent)) => {
                (self.release(agent, contact), Place::Waiting)
            }
            (_, Some(agent)) => (self.release(agent, contact), Place::Ended(kind)),
            (_, None) => (was == Some(Place::Waiting), Place::Ended(kind)),
        };
        if !possible {
            self.impossible.push(format!("{was:?}, then {event:?}"));
        }
        self.places.insert(contact.clone(), place);
    }

    /// Takes the contact from the agent; false when the agent did not have it.
    fn release(&mut self, agent: &AgentId, contact: &ContactId) -> bool {
        let with = Place::With(agent.clone());
        self.places.get(contact) == Some(&with)
            && self.hands.remove(agent).as_ref() == Some(contact)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is impossible in this log: `queued a`, `assigned a ann`, …
    fn impossible(log: &[&str]) -> usize {
        let event = |line: &&str| {
            let mut words = line.split(' ');
            let kind = format!("contact.{}", words.next().unwrap());
            let mut event = json!({
                "id": "1-0", "type": kind, "at": "2026-01-01T00:00:00Z", "contact": words.next(),
                "skills": [], "priority": 0, "wait_ms": 0, "handle_ms": 0, "candidates": 1,
                "idle_since": "2026-01-01T00:00:00Z",
            });
            if let Some(agent) = words.next() {
                event["agent"] = json!(agent);
            }
            event
        };
        let events: Vec<Value> = log.iter().map(event).collect();
        History::replay(&events).impossible.len()
    }

    #[test]
    fn believes_what_can_be() {
        let log = [
            "queued a",
            "queued b",
            "assigned a ann",
            "requeued a ann",
            "assigned b ann",
            "assigned a bob",
            "completed b ann",
            "canceled a bob",
            "queued c",
            "abandoned c",
        ];
        assert_eq!(impossible(&log), 0);
    }

    #[test]
    fn finds_what_must_never_be() {
        let twice = ["queued a", "assigned a ann", "assigned a bob"];
        let two_at_once = ["queued a", "queued b", "assigned a ann", "assigned b ann"];
        let ends_again = ["queued a", "assigned a ann", "completed a ann", "completed a ann"];
        let ends_elsewhere = ["queued a", "assigned a ann", "completed a bob"];
        let from_nowhere = ["assigned a ann"];
        let created_again = ["queued a", "queued a"];
        for log in
            [&twice[..], &two_at_once, &ends_again, &ends_elsewhere, &from_nowhere, &created_again]
        {
            assert_eq!(impossible(log), 1, "{log:?}");
        }
    }
}
