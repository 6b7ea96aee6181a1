//! A small reference model of a center. It reads the event log, which is the order in which the
//! changes took place whoever made them, and holds every event against the rules.

use std::collections::BTreeMap;

use acd_core::{event::Event, skill::Skills};
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Offline,
    Ready,
    NotReady,
}

#[derive(Clone, Debug)]
pub(crate) struct Agent {
    pub(crate) skills: Skills,
    pub(crate) presence: Presence,
    pub(crate) next: Option<Presence>,
    pub(crate) contact: Option<String>,
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
    pub(crate) priority: i64,
    pub(crate) queued_at_ms: i64,
    /// `queued`, `assigned`, or how it ended.
    pub(crate) state: String,
    pub(crate) agent: Option<String>,
}

impl Contact {
    fn rank(&self) -> i64 {
        self.queued_at_ms - self.priority * 60_000
    }
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) agents: BTreeMap<String, Agent>,
    pub(crate) contacts: BTreeMap<String, Contact>,
}

type Rule = Result<(), String>;

fn skills(event: &Event) -> Result<Skills, String> {
    serde_json::from_value(event.data.get("skills").cloned().unwrap_or(Value::Null))
        .map_err(|e| format!("skills: {e}"))
}

fn presence(text: Option<&str>) -> Result<Option<Presence>, String> {
    match text {
        None => Ok(None),
        Some("offline") => Ok(Some(Presence::Offline)),
        Some("ready") => Ok(Some(Presence::Ready)),
        Some("not_ready") => Ok(Some(Presence::NotReady)),
        Some(other) => Err(format!("presence {other}")),
    }
}

fn ensure(holds: bool, or: impl FnOnce() -> String) -> Rule {
    if holds { Ok(()) } else { Err(or()) }
}

impl Model {
    /// Takes one event in, or says which rule it breaks.
    pub(crate) fn apply(&mut self, event: &Event) -> Rule {
        let contact = event.text("contact").unwrap_or_default().to_owned();
        let agent = event.text("agent").unwrap_or_default().to_owned();
        match event.kind.as_str() {
            "center.updated" => Ok(()),
            "agent.created" => {
                let presence =
                    presence(event.text("presence"))?.ok_or("an agent has a presence")?;
                let new = Agent {
                    skills: skills(event)?,
                    presence,
                    next: None,
                    contact: None,
                    idle_since_ms: 0,
                };
                ensure(self.agents.insert(agent, new).is_none(), || "created twice".into())
            }
            "agent.updated" => {
                let agent = self.agents.get_mut(&agent).ok_or("no such agent")?;
                if event.data.contains_key("skills") {
                    agent.skills = skills(event)?;
                }
                Ok(())
            }
            "agent.deleted" => {
                let gone = self.agents.remove(&agent).ok_or("no such agent")?;
                ensure(gone.contact.is_none(), || "deleted with a contact".into())
            }
            "agent.presence" => {
                let agent = self.agents.get_mut(&agent).ok_or("no such agent")?;
                let presence =
                    presence(event.text("presence"))?.ok_or("a presence event has one")?;
                if agent.contact.is_some() {
                    agent.next = self::presence(event.text("next_presence"))?;
                    return ensure(presence == Presence::Ready, || "busy and not ready".into());
                }
                if presence == Presence::Ready {
                    ensure(agent.presence != presence, || {
                        "ready again: would lose its place".into()
                    })?;
                    agent.idle_since_ms = event.at.ms();
                }
                (agent.presence, agent.next) = (presence, None);
                Ok(())
            }
            "contact.queued" => {
                let new = Contact {
                    skills: skills(event)?,
                    priority: event
                        .data
                        .get("priority")
                        .and_then(Value::as_i64)
                        .ok_or("no priority")?,
                    queued_at_ms: event.at.ms(),
                    state: "queued".into(),
                    agent: None,
                };
                ensure(self.contacts.insert(contact, new).is_none(), || "queued twice".into())
            }
            "contact.rejected" => {
                ensure(!self.contacts.contains_key(&contact), || "rejected later".into())
            }
            "contact.assigned" => self.assign(&contact, &agent, event),
            "contact.requeued" => self.leave(&contact, "queued", &["assigned"], event),
            "contact.completed" => self.leave(&contact, "completed", &["assigned"], event),
            "contact.canceled" => self.leave(&contact, "canceled", &["queued", "assigned"], event),
            "contact.abandoned" => self.leave(&contact, "abandoned", &["queued"], event),
            other => Err(format!("unknown event {other}")),
        }
    }

    /// The rules of routing: who is assigned, is the longest available agent with the skills, and the
    /// contact is the one that came first (by rank) of those the agent could serve.
    fn assign(&mut self, id: &str, agent_id: &str, event: &Event) -> Rule {
        let contact = self.contacts.get(id).ok_or("no such contact")?;
        let agent = self.agents.get(agent_id).ok_or("no such agent")?;
        ensure(contact.state == "queued", || format!("assigned while {}", contact.state))?;
        ensure(agent.available(), || format!("assigned to one who is not available: {agent:?}"))?;
        ensure(agent.skills.satisfy(&contact.skills), || {
            "assigned to one without the skills".into()
        })?;
        let longer = self.agents.iter().find(|(other_id, other)| {
            other.available()
                && other.skills.satisfy(&contact.skills)
                && (other.idle_since_ms, other_id.as_str()) < (agent.idle_since_ms, agent_id)
        });
        ensure(longer.is_none(), || format!("{longer:?} was available longer"))?;
        let sooner = self.contacts.iter().find(|(other_id, other)| {
            let first = other.rank() < contact.rank();
            let tie = other.rank() == contact.rank()
                && other.skills.signature() == contact.skills.signature()
                && other_id.as_str() < id;
            other.state == "queued" && agent.skills.satisfy(&other.skills) && (first || tie)
        });
        ensure(sooner.is_none(), || format!("{sooner:?} came before"))?;
        let wait_ms = event.data.get("wait_ms").and_then(Value::as_i64);
        ensure(wait_ms == Some(event.at.ms() - contact.queued_at_ms), || {
            format!("wait_ms is {wait_ms:?}")
        })?;
        let (id, agent_id) = (id.to_owned(), agent_id.to_owned());
        if let Some(agent) = self.agents.get_mut(&agent_id) {
            agent.contact = Some(id.clone());
        }
        if let Some(contact) = self.contacts.get_mut(&id) {
            contact.state = "assigned".into();
            contact.agent = Some(agent_id);
        }
        Ok(())
    }

    /// A contact leaves the state it is in; the agent that had it is free.
    fn leave(&mut self, id: &str, to: &str, from: &[&str], event: &Event) -> Rule {
        let contact = self.contacts.get_mut(id).ok_or("no such contact")?;
        ensure(from.contains(&contact.state.as_str()), || format!("{to} while {}", contact.state))?;
        let was_assigned = contact.state == "assigned";
        to.clone_into(&mut contact.state);
        if was_assigned {
            let agent_id = contact.agent.clone().ok_or("assigned to nobody")?;
            let agent = self.agents.get_mut(&agent_id).ok_or("assigned to one who is gone")?;
            ensure(agent.contact.as_deref() == Some(id), || {
                format!("{agent_id} has {:?}", agent.contact)
            })?;
            (agent.contact, agent.idle_since_ms) = (None, event.at.ms());
        }
        if to == "queued" {
            contact.agent = None;
        }
        Ok(())
    }

    /// Nobody waits for nothing: true only of a center in which the dispatchers have nothing left to do.
    pub(crate) fn settled(&self) -> Rule {
        let waiting = self.contacts.iter().filter(|(_, contact)| contact.state == "queued");
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
