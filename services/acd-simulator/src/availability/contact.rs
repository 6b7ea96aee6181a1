//! The life of one contact: created, assigned, read, completed, whatever is broken meanwhile.

use std::{sync::Arc, time::Duration};

use acd_core::{
    contact::{Contact, ContactState, RejectionReason},
    ids::{AgentId, ContactId},
};
use tokio::time::{Instant, sleep, sleep_until};

use super::{
    Load,
    ledger::Told,
    tally::Operation::{Complete, Create, CreateOnce, Read},
};
use crate::api::Ending;

/// The event of an assignment may be late when the stream has just broken: look every so often.
const LOOK: Duration = Duration::from_millis(500);

/// Lives the `n`th contact, which is due at `due`.
pub(super) async fn live(load: Arc<Load>, n: u64, due: Instant) {
    sleep_until(due).await;
    let Some(name) = Name::of(&load, n) else { return };
    load.tally.begin();
    if load.live(&name, n, due).await.is_some() {
        load.tally.completed();
    } else {
        load.ledger.astray(name.id);
    }
}

/// Creates a contact that nobody may repeat, and that nobody can serve: it has a skill of its own.
pub(super) async fn create_once(load: Arc<Load>, n: u64, due: Instant) {
    sleep_until(due).await;
    let Ok(skill) = format!("{}{n}", load.once_prefix()).parse() else { return };
    let Ok(skills) = vec![skill].try_into() else { return };
    let created = load.api.create_contact_once(&skills).await;
    let created = load.tally.took(CreateOnce, due.elapsed(), created);
    load.once.sent(n, created.map(|contact| contact.id));
}

/// What a contact is called. Every other one has an id of ours, the rest get theirs from an
/// `Idempotency-Key`: balancers repeat only what has one, clients may repeat both.
struct Name {
    id: ContactId,
    key: Option<String>,
}

impl Name {
    fn of(load: &Load, n: u64) -> Option<Self> {
        let name = format!("{}c{n}", load.prefix);
        if n.is_multiple_of(2) {
            return Some(Self { id: name.parse().ok()?, key: None });
        }
        let id = ContactId::from_idempotency_key(&load.center, &name);
        Some(Self { id, key: Some(name) })
    }
}

impl Load {
    /// `None` when something went wrong; the tally knows what.
    async fn live(&self, name: &Name, n: u64, due: Instant) -> Option<()> {
        let id = &name.id;
        let needs = &self.needs[usize::try_from(n).ok()? % self.needs.len()];
        let mut watch = self.feed.watch(id);
        let created = match &name.key {
            Some(key) => self.api.create_keyed_contact(key, needs).await,
            None => self.api.create_contact(id, needs).await,
        };
        let created = self.tally.took(Create, due.elapsed(), created)?;
        if created.state == ContactState::Rejected {
            let why = created.reason.map_or("no reason", RejectionReason::as_str);
            self.tally.wrong(format!("{id} was rejected: {why}"));
            return None;
        }
        self.ledger.told(id, Told::Created, None);
        self.feed.audit().acknowledge(id);

        let until = Instant::now() + self.assign_within;
        while Instant::now() < until {
            tokio::select! {
                biased;
                assigned = watch.assigned() => self.tally.waited(assigned.wait_ms),
                () = sleep(LOOK) => {}
            }
            let contact = self.read(id).await?;
            match contact.state {
                ContactState::Queued => {}
                ContactState::Assigned => return self.complete(id, &contact).await,
                other => {
                    self.tally.wrong(format!("{id} is {other}, which nobody asked for"));
                    return None;
                }
            }
        }
        self.tally.fail(format!("{id} had no agent within {:?}", self.assign_within));
        None
    }

    async fn read(&self, id: &ContactId) -> Option<Contact> {
        let begun = Instant::now();
        let read = self.api.contact(id).await;
        let found = self.tally.took(Read, begun.elapsed(), read)?;
        if found.is_none() {
            self.tally.wrong(format!("{id} was created, and there is no such contact"));
        }
        found
    }

    async fn complete(&self, id: &ContactId, contact: &Contact) -> Option<()> {
        self.ledger.told(id, Told::Assigned, contact.agent.as_ref());
        let begun = Instant::now();
        let completed = self.api.end(id, Ending::Complete).await;
        let completed = self.tally.took(Complete, begun.elapsed(), completed)?;
        if completed.agent != contact.agent {
            let [before, after] =
                [contact, &completed].map(|c| c.agent.as_ref().map(AgentId::as_str));
            self.tally.wrong(format!("{id} was with {before:?} and completed by {after:?}"));
        }
        self.ledger.told(id, Told::Completed, completed.agent.as_ref());
        Some(())
    }
}
