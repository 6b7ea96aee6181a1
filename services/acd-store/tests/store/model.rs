//! A small reference model of a center. It reads the event log, which is the order in which the
//! changes took place whoever made them, and holds every event against the rules.

use std::collections::BTreeMap;

use acd_core::{
    agent::Presence,
    contact::{ContactState, PRIORITY_MS},
    event::{AgentPresence, ContactAssigned, Event, Payload},
    ids::{AgentId, ContactId},
    skill::Skills,
    time::Timestamp,
};

#[derive(Clone, Debug)]
pub(crate) struct Agent {
    pub(crate) skills: Skills,
    pub(crate) presence: Presence,
    pub(crate) next: Option<Presence>,
    pub(crate) contact: Option<ContactId>,
    pub(crate) idle_since_ms: i64,
}

impl Agent {
    pub(crate) fn available(&self) -> bool {
        self.presence == Presence::Ready && self.contact.is_none() && self.next.is_none()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Contact {
    pub(crate) skills: Skills,
    pub(crate) priority: i32,
    pub(crate) queued_at_ms: i64,
    pub(crate) state: ContactState,
    pub(crate) agent: Option<AgentId>,
}

impl Contact {
    fn rank(&self) -> i64 {
        self.queued_at_ms - i64::from(self.priority) * PRIORITY_MS
    }
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) agents: BTreeMap<AgentId, Agent>,
    pub(crate) contacts: BTreeMap<ContactId, Contact>,
}

type Rule = Result<(), String>;

fn ensure(holds: bool, or: impl FnOnce() -> String) -> Rule {
    if holds { Ok(()) } else { Err(or()) }
}

impl Model {
    /// Takes one event in, or says which rule it breaks.
    pub(crate) fn apply(&mut self, event: &Event) -> Rule {
        use ContactState as S;
        ensure(event.other.is_empty(), || "members that no release writes".into())?;
        match &event.payload {
            Payload::CenterUpdated(_) => Ok(()),
            Payload::AgentCreated(created) => {
                let new = Agent {
                    skills: created.skills.clone(),
                    presence: created.presence,
                    next: None,
                    contact: None,
                    idle_since_ms: 0,
                };
                let before = self.agents.insert(created.agent.clone(), new);
                ensure(before.is_none(), || "created twice".into())
            }
            Payload::AgentUpdated(updated) => {
                let agent = self.agents.get_mut(&updated.agent).ok_or("no such agent")?;
                if let Some(skills) = &updated.skills {
                    agent.skills = skills.clone();
                }
                Ok(())
            }
            Payload::AgentDeleted(deleted) => {
                let gone = self.agents.remove(&deleted.agent).ok_or("no such agent")?;
                ensure(gone.contact.is_none(), || "deleted with a contact".into())
            }
            Payload::AgentPresence(set) => self.set_presence(set, event.at),
            Payload::ContactQueued(queued) => {
                let new = Contact {
                    skills: queued.skills.clone(),
                    priority: queued.priority,
                    queued_at_ms: event.at.ms(),
                    state: S::Queued,
                    agent: None,
                };
                let before = self.contacts.insert(queued.contact.clone(), new);
                ensure(before.is_none(), || "queued twice".into())
            }
            Payload::ContactRejected(rejected) => {
                let known = self.contacts.contains_key(&rejected.contact);
                ensure(!known, || "rejected later".into())
            }
            Payload::ContactAssigned(assigned) => self.assign(assigned, event.at),
            Payload::ContactRequeued(_) => self.leave(event, S::Queued, &[S::Assigned]),
            Payload::ContactCompleted(_) => self.leave(event, S::Completed, &[S::Assigned]),
            Payload::ContactCanceled(_) => {
                self.leave(event, S::Canceled, &[S::Queued, S::Assigned])
            }
            Payload::ContactAbandoned(_) => self.leave(event, S::Abandoned, &[S::Queued]),
            Payload::Unknown(kind) => Err(format!("unknown event {kind}")),
        }
    }

    fn set_presence(&mut self, set: &AgentPresence, at: Timestamp) -> Rule {
        let agent = self.agents.get_mut(&set.agent).ok_or("no such agent")?;
        let busy = agent.contact.is_some();
        ensure(set.next_presence.is_some() == busy, || "a next presence is a busy agent's".into())?;
        if busy {
            agent.next = set.next_presence.flatten();
            return ensure(set.presence == Presence::Ready, || "busy and not ready".into());
        }
        if set.presence == Presence::Ready {
            ensure(agent.presence != set.presence, || "ready again: would lose its place".into())?;
            agent.idle_since_ms = at.ms();
        }
        (agent.presence, agent.next) = (set.presence, None);
        Ok(())
    }

    /// The rules of routing: who is assigned, is the longest available agent with the skills, and the
    /// contact is the one that came first (by rank) of those the agent could serve.
    fn assign(&mut self, assigned: &ContactAssigned, at: Timestamp) -> Rule {
        let ContactAssigned { contact: id, agent: agent_id, wait_ms, .. } = assigned;
        let contact = self.contacts.get(id).ok_or("no such contact")?;
        let agent = self.agents.get(agent_id).ok_or("no such agent")?;
        ensure(contact.state == ContactState::Queued, || {
            format!("assigned while {}", contact.state)
        })?;
        ensure(agent.available(), || format!("assigned to one who is not available: {agent:?}"))?;
        ensure(agent.skills.satisfy(&contact.skills), || {
            "assigned to one without the skills".into()
        })?;
        let longer = self.agents.iter().find(|(other_id, other)| {
            other.available()
                && other.skills.satisfy(&contact.skills)
                && (other.idle_since_ms, *other_id) < (agent.idle_since_ms, agent_id)
        });
        ensure(longer.is_none(), || format!("{longer:?} was available longer"))?;
        let sooner = self.contacts.iter().find(|(other_id, other)| {
            let first = other.rank() < contact.rank();
            let tie = other.rank() == contact.rank()
                && other.skills.signature() == contact.skills.signature()
                && *other_id < id;
            other.state == ContactState::Queued
                && agent.skills.satisfy(&other.skills)
                && (first || tie)
        });
        ensure(sooner.is_none(), || format!("{sooner:?} came before"))?;
        ensure(*wait_ms == at.ms() - contact.queued_at_ms, || format!("wait_ms is {wait_ms}"))?;
        ensure(assigned.idle_since.ms() == agent.idle_since_ms, || {
            format!("idle since {}", assigned.idle_since)
        })?;
        if let Some(agent) = self.agents.get_mut(agent_id) {
            agent.contact = Some(id.clone());
        }
        if let Some(contact) = self.contacts.get_mut(id) {
            contact.state = ContactState::Assigned;
            contact.agent = Some(agent_id.clone());
        }
        Ok(())
    }

    /// A contact leaves the state it is in; the agent that had it is free.
    fn leave(&mut self, event: &Event, to: ContactState, from: &[ContactState]) -> Rule {
        let id = event.payload.contact().ok_or("no contact")?;
        let contact = self.contacts.get_mut(id).ok_or("no such contact")?;
        ensure(from.contains(&contact.state), || format!("{to} while {}", contact.state))?;
        let was_assigned = contact.state == ContactState::Assigned;
        contact.state = to;
        let had = if was_assigned { contact.agent.as_ref() } else { None };
        ensure(event.payload.agent() == had, || format!("{had:?} had it"))?;
        if was_assigned {
            let agent_id = contact.agent.clone().ok_or("assigned to nobody")?;
            let agent = self.agents.get_mut(&agent_id).ok_or("assigned to one who is gone")?;
            ensure(agent.contact.as_ref() == Some(id), || {
                format!("{agent_id} has {:?}", agent.contact)
            })?;
            (agent.contact, agent.idle_since_ms) = (None, event.at.ms());
        }
        if to == ContactState::Queued {
            contact.agent = None;
        }
        Ok(())
    }

    /// Nobody waits for nothing: true only of a center in which the dispatchers have nothing left to do.
    pub(crate) fn settled(&self) -> Rule {
        let waiting =
            self.contacts.iter().filter(|(_, contact)| contact.state == ContactState::Queued);
        for (id, contact) in waiting {
            let idle = self
                .agents
                .iter()
                .find(|(_, agent)| agent.available() && agent.skills.satisfy(&contact.skills));
            ensure(idle.is_none(), || format!("{id} waits, and {idle:?} could serve it"))?;
        }
        Ok(())
    }
}
