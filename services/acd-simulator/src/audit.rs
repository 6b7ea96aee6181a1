//! The books: what the event log says of our contacts and agents, and whether it can be true.

use std::collections::HashMap;

use acd_core::{
    event::{Event, Payload},
    ids::{AgentId, ContactId},
    skill::Skills,
};
use acd_measure::check::Findings;

/// Where a contact is, as far as the log was read.
#[derive(Debug, Default, PartialEq, Eq)]
enum Place {
    /// Created by us, not seen in the log yet.
    #[default]
    Unseen,
    Waiting,
    With(AgentId),
    Ended,
}

/// One of our contacts.
#[derive(Debug, Default)]
struct Trail {
    place: Place,
    /// The server told us that it has the contact: from then on it must not get lost.
    acknowledged: bool,
    /// What it needs; dropped at its end.
    needs: Skills,
}

/// Everything that was written down. Contacts and agents of others are none of our business.
#[derive(Debug)]
pub(crate) struct Audit {
    agents: HashMap<AgentId, Skills>,
    holds: HashMap<AgentId, ContactId>,
    trails: HashMap<ContactId, Trail>,
    unfinished: usize,
    strangers: usize,
    held_two: Findings,
    unqualified: Findings,
    out_of_order: Findings,
}

impl Audit {
    /// Books on these agents, and on the contacts that are expected.
    pub(crate) fn new(agents: HashMap<AgentId, Skills>) -> Self {
        Self {
            agents,
            holds: HashMap::new(),
            trails: HashMap::new(),
            unfinished: 0,
            strangers: 0,
            held_two: Findings::default(),
            unqualified: Findings::default(),
            out_of_order: Findings::default(),
        }
    }

    /// We are about to create this contact: from now on it is one of ours.
    pub(crate) fn expect(&mut self, contact: &ContactId) {
        self.trails.entry(contact.clone()).or_default();
    }

    /// The server said that it has this contact.
    pub(crate) fn acknowledge(&mut self, contact: &ContactId) {
        let trail = self.trails.entry(contact.clone()).or_default();
        if !trail.acknowledged {
            trail.acknowledged = true;
            self.unfinished += usize::from(trail.place != Place::Ended);
        }
    }

    /// How many contacts the server took whose end the log has not told yet.
    pub(crate) fn unfinished(&self) -> usize {
        self.unfinished
    }

    /// Those contacts.
    pub(crate) fn without_end(&self) -> impl Iterator<Item = &ContactId> {
        let open = |trail: &Trail| trail.acknowledged && trail.place != Place::Ended;
        self.trails.iter().filter(move |(_, trail)| open(trail)).map(|(id, _)| id)
    }

    /// The contacts that ended.
    pub(crate) fn ended(&self) -> impl Iterator<Item = &ContactId> {
        self.trails.iter().filter(|(_, trail)| trail.place == Place::Ended).map(|(id, _)| id)
    }

    /// How often somebody else's contact was given to an agent of ours.
    pub(crate) fn strangers(&self) -> usize {
        self.strangers
    }

    /// Whenever one agent held two contacts, or two agents one contact.
    pub(crate) fn held_two(&self) -> &Findings {
        &self.held_two
    }

    /// Whenever a contact went to an agent without the skills.
    pub(crate) fn unqualified(&self) -> &Findings {
        &self.unqualified
    }

    /// Whenever something happened to a contact that could not, such as a second end.
    pub(crate) fn out_of_order(&self) -> &Findings {
        &self.out_of_order
    }

    /// Takes the next event of the log.
    pub(crate) fn observe(&mut self, event: &Event) {
        let Some(contact) = event.payload.contact() else { return };
        self.keep_hold(event, contact);
        self.keep_trail(event, contact);
    }

    /// Who has what in hand, for agents of ours.
    fn keep_hold(&mut self, event: &Event, contact: &ContactId) {
        let agent = event.payload.agent().filter(|id| self.agents.contains_key(*id));
        let Some(agent) = agent else { return };
        if !matches!(event.payload, Payload::ContactAssigned(_)) {
            if self.holds.get(agent) == Some(contact) {
                self.holds.remove(agent);
            }
            return;
        }
        self.strangers += usize::from(!self.trails.contains_key(contact));
        if let Some(other) = self.holds.insert(agent.clone(), contact.clone()) {
            let at = event.at;
            self.held_two.add(format!("{at}: {agent} had {other} and was given {contact}"));
        }
    }

    /// Where a contact is, if it is ours.
    fn keep_trail(&mut self, event: &Event, contact: &ContactId) {
        use Payload as P;

        let Some(trail) = self.trails.get_mut(contact) else { return };
        let (next, possible) = match (&event.payload, &trail.place) {
            (P::ContactQueued(queued), place) => {
                trail.needs = queued.skills.clone();
                (Place::Waiting, *place == Place::Unseen)
            }
            (P::ContactRequeued(_), place) => (Place::Waiting, matches!(place, Place::With(_))),
            (P::ContactAssigned(assigned), place) => {
                if let Place::With(first) = place {
                    let (at, second) = (event.at, &assigned.agent);
                    self.held_two
                        .add(format!("{at}: {contact} was with {first}, then with {second}"));
                }
                let possible = matches!(place, Place::Waiting | Place::With(_));
                (Place::With(assigned.agent.clone()), possible)
            }
            (P::ContactCompleted(_), place) => (Place::Ended, matches!(place, Place::With(_))),
            (P::ContactAbandoned(_) | P::ContactCanceled(_) | P::ContactRejected(_), place) => {
                (Place::Ended, *place != Place::Ended)
            }
            _ => return,
        };
        if !possible {
            let (at, kind, place) = (event.at, event.payload.name(), &trail.place);
            self.out_of_order.add(format!("{at}: {contact} was {place:?}, then came {kind}"));
        }
        if let Place::With(agent) = &next
            && let Some(has) = self.agents.get(agent)
            && !has.satisfy(&trail.needs)
        {
            let needs = trail.needs.signature();
            self.unqualified.add(format!("{agent} was given {contact}, who needs {needs}"));
        }
        if next == Place::Ended {
            trail.needs = Skills::default();
        }
        if trail.acknowledged {
            self.unfinished += usize::from(next != Place::Ended);
            self.unfinished -= usize::from(trail.place != Place::Ended);
        }
        trail.place = next;
    }
}

#[cfg(test)]
mod tests;
