//! What the event log of a center tells, and whether it can be true.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

/// Where a contact is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Waiting,
    With(String),
    Ended(String),
}

/// The log, replayed.
#[derive(Debug, Default)]
pub(crate) struct History {
    places: HashMap<String, Place>,
    hands: HashMap<String, String>,
    /// How often each type of event came.
    pub(crate) counts: BTreeMap<String, u64>,
    /// What can't be: a contact assigned twice, an agent with two contacts, a second end, …
    pub(crate) impossible: Vec<String>,
}

impl History {
    pub(crate) fn replay(events: &[Value]) -> Self {
        let mut history = Self::default();
        for event in events {
            history.observe(event);
        }
        history
    }

    /// The contacts that ended otherwise than `completed`, or not at all.
    pub(crate) fn not_completed<'a>(&self, contacts: &'a [String]) -> Vec<&'a String> {
        let completed = Place::Ended("contact.completed".to_owned());
        contacts.iter().filter(|id| self.places.get(*id) != Some(&completed)).collect()
    }

    fn observe(&mut self, event: &Value) {
        let kind = event["type"].as_str().expect("an event has a type");
        *self.counts.entry(kind.to_owned()).or_default() += 1;
        let Some(contact) = event["contact"].as_str() else {
            return;
        };
        let agent = event["agent"].as_str();
        let was = self.places.get(contact).cloned();
        let (possible, place) = match (kind, agent) {
            ("contact.queued", None) => (was.is_none(), Place::Waiting),
            ("contact.assigned", Some(agent)) => {
                let other = self.hands.insert(agent.to_owned(), contact.to_owned());
                let fits = was == Some(Place::Waiting) && other.is_none();
                (fits, Place::With(agent.to_owned()))
            }
            ("contact.requeued", Some(agent)) => (self.release(agent, contact), Place::Waiting),
            (_, Some(agent)) => (self.release(agent, contact), Place::Ended(kind.to_owned())),
            (_, None) => (was == Some(Place::Waiting), Place::Ended(kind.to_owned())),
        };
        if !possible {
            self.impossible.push(format!("{was:?}, then {event}"));
        }
        self.places.insert(contact.to_owned(), place);
    }

    /// Takes the contact from the agent; false when the agent did not have it.
    fn release(&mut self, agent: &str, contact: &str) -> bool {
        let with = Place::With(agent.to_owned());
        self.places.get(contact) == Some(&with)
            && self.hands.remove(agent).as_deref() == Some(contact)
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
            json!({ "type": kind, "contact": words.next(), "agent": words.next() })
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
