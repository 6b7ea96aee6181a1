//! What happens in the center, as its event stream tells it: one reader for everybody, who wakes
//! whoever waits for a contact and writes everything down for the audit.

mod reader;
mod sse;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use acd_core::{event::EventId, ids::ContactId, time::Timestamp};
use acd_process::lifecycle::Lifecycle;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    api::Api,
    audit::Audit,
    fact::{Fact, Kind},
};

/// A contact found its agent.
#[derive(Clone, Debug)]
pub(crate) struct Assigned {
    /// How long it had waited, by Redis's clock.
    pub(crate) wait_ms: i64,
    /// How long both, the contact and a free agent for it, had been there: what the system took.
    /// `None` when the event does not say since when the agent was free.
    pub(crate) reaction_ms: Option<i64>,
}

impl Assigned {
    fn from_fact(fact: &Fact) -> Self {
        let wait_ms = fact.wait_ms.unwrap_or_default();
        let since = |idle: Timestamp| (fact.at.ms() - idle.ms()).min(wait_ms).max(0);
        Self { wait_ms, reaction_ms: fact.idle_since.map(since) }
    }
}

/// What the reader shares with the rest.
#[derive(Debug)]
struct Shared {
    watchers: Mutex<HashMap<ContactId, mpsc::UnboundedSender<Assigned>>>,
    audit: Mutex<Audit>,
    moved: Notify,
}

/// The stream of a center's events; ends with the last of its handles.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    shared: Arc<Shared>,
    _reader: Arc<DropGuard>,
}

impl Feed {
    /// Reads the events after `after` (or from now on) for as long as the feed lives, whatever
    /// becomes of connections.
    pub(crate) fn follow(
        api: Arc<Api>,
        after: Option<EventId>,
        audit: Audit,
        lifecycle: &Lifecycle,
    ) -> Self {
        let shared = Arc::new(Shared {
            watchers: Mutex::default(),
            audit: Mutex::new(audit),
            moved: Notify::new(),
        });
        // Its own end, not the lifecycle's: the report needs events until it is written.
        let over = CancellationToken::new();
        lifecycle.spawn(over.clone().run_until_cancelled_owned(reader::read(
            api,
            after,
            Arc::clone(&shared),
        )));
        Self { shared, _reader: Arc::new(over.drop_guard()) }
    }

    /// Begins to wait for `contact`; done before it is created, so that nothing is missed.
    pub(crate) fn watch(&self, contact: &ContactId) -> Watch {
        let (sender, receiver) = mpsc::unbounded_channel();
        lock(&self.shared.watchers).insert(contact.clone(), sender);
        self.audit().expect(contact);
        Watch { contact: contact.clone(), receiver, shared: Arc::clone(&self.shared) }
    }

    /// What is known of every contact and agent.
    pub(crate) fn audit(&self) -> MutexGuard<'_, Audit> {
        lock(&self.shared.audit)
    }

    /// Waits until the log told the end of every contact that we know to have ended, `limit` at
    /// most. False when it did not.
    pub(crate) async fn settled(&self, limit: Duration) -> bool {
        let all_ended = async {
            loop {
                let moved = self.shared.moved.notified();
                if self.audit().unfinished() == 0 {
                    return;
                }
                moved.await;
            }
        };
        tokio::time::timeout(limit, all_ended).await.is_ok()
    }
}

impl Shared {
    /// Takes note of what happened.
    fn take(&self, fact: &Fact) {
        lock(&self.audit).observe(fact);
        if fact.kind == Kind::Assigned
            && let Some(contact) = &fact.contact
            && let Some(watcher) = lock(&self.watchers).get(contact)
        {
            // Nobody there any more: the watch is being dropped right now.
            let _ = watcher.send(Assigned::from_fact(fact));
        }
    }
}

/// Somebody who waits for a contact.
#[derive(Debug)]
pub(crate) struct Watch {
    contact: ContactId,
    receiver: mpsc::UnboundedReceiver<Assigned>,
    shared: Arc<Shared>,
}

impl Watch {
    /// The next time that the contact is given to an agent.
    pub(crate) async fn assigned(&mut self) -> Assigned {
        match self.receiver.recv().await {
            Some(assigned) => assigned,
            // Can't be while the watch is registered.
            None => std::future::pending().await,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        lock(&self.shared.watchers).remove(&self.contact);
    }
}

/// A lock that outlives a panic of who held it: the figures are still worth showing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn assigned(json: &str) -> Assigned {
        Assigned::from_fact(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn the_systems_reaction_begins_when_both_contact_and_agent_are_there() {
        let event = |wait_ms: u32, idle: &str| {
            assigned(&format!(
                r#"{{"id":"1-0","type":"contact.assigned","at":"2026-01-01T00:00:10.000Z",
                    "wait_ms":{wait_ms},"idle_since":"2026-01-01T00:00:0{idle}Z"}}"#
            ))
            .reaction_ms
        };
        assert_eq!(event(3, "1.000"), Some(3), "the agent had been free for long");
        assert_eq!(event(5000, "9.998"), Some(2), "the contact had waited for the agent");
    }

    #[tokio::test]
    async fn comes_back_to_where_it_was() {
        let stream = |events: &str| {
            format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n{events}")
        };
        let event = |id: &str, kind: &str, contact: &str| {
            let at = "2026-01-01T00:00:00Z";
            format!(
                "data: {{\"id\":\"{id}\",\"type\":\"contact.{kind}\",\"at\":\"{at}\",\
                 \"contact\":\"{contact}\",\"agent\":\"x-a\",\"wait_ms\":4}}\n\n"
            )
        };
        let first = stream(&event("5-1", "queued", "x-1"));
        let second = stream(&(event("5-2", "assigned", "x-1") + &event("6-0", "completed", "x-1")));
        let lifecycle = Lifecycle::new();
        let server = testing::serve(vec![first, String::new(), second], &lifecycle).await;

        let api = server.api(Duration::from_secs(5));
        let audit = Audit::new(HashMap::new());
        let feed = Feed::follow(api, "4-0".parse().ok(), audit, &lifecycle);
        let contact = "x-1".parse().unwrap();
        feed.audit().acknowledge(&contact);
        let mut watch = feed.watch(&contact);
        assert_eq!(watch.assigned().await.wait_ms, 4);
        assert!(feed.settled(Duration::from_secs(5)).await);

        let asked = server.requests().into_iter().map(|request| {
            let line = request.lines().find_map(|line| line.strip_prefix("last-event-id: "));
            line.unwrap_or_default().to_owned()
        });
        let asked: Vec<String> = asked.take(3).collect();
        assert_eq!(asked, ["4-0", "5-1", "5-1"]);
    }
}
