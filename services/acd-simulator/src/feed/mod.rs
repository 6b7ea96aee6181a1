//! What happens in the center, as its event stream tells it: one reader for everybody, who wakes
//! whoever waits for a contact and writes everything down for the audit.

mod reader;
mod sse;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use acd_core::{
    event::{ContactAssigned, Event, EventId, Payload},
    ids::ContactId,
    time::Timestamp,
};
use acd_process::lifecycle::Lifecycle;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{api::Api, audit::Audit};

/// A contact found its agent.
#[derive(Clone, Debug)]
pub(crate) struct Assigned {
    /// How long it had waited, by Redis's clock.
    pub(crate) wait_ms: i64,
    /// How long both, the contact and a free agent for it, had been there: what the system took.
    pub(crate) reaction_ms: i64,
}

impl Assigned {
    fn new(at: Timestamp, assigned: &ContactAssigned) -> Self {
        let wait_ms = assigned.wait_ms;
        let reaction_ms = (at.ms() - assigned.idle_since.ms()).min(wait_ms).max(0);
        Self { wait_ms, reaction_ms }
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
    fn take(&self, event: &Event) {
        lock(&self.audit).observe(event);
        if let Payload::ContactAssigned(assigned) = &event.payload
            && let Some(watcher) = lock(&self.watchers).get(&assigned.contact)
        {
            // Nobody there any more: the watch is being dropped right now.
            let _ = watcher.send(Assigned::new(event.at, assigned));
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

    #[test]
    fn the_systems_reaction_begins_when_both_contact_and_agent_are_there() {
        let reaction = |wait_ms: i64, idle_since_ms: i64| {
            let assigned = ContactAssigned {
                agent: "a".parse().unwrap(),
                candidates: 1,
                contact: "c".parse().unwrap(),
                idle_since: Timestamp::from_ms(idle_since_ms),
                wait_ms,
            };
            Assigned::new(Timestamp::from_ms(10_000), &assigned).reaction_ms
        };
        assert_eq!(reaction(3, 1_000), 3, "the agent had been free for long");
        assert_eq!(reaction(5000, 9_998), 2, "the contact had waited for the agent");
    }

    #[tokio::test]
    async fn comes_back_to_where_it_was() {
        let stream = |events: &str| {
            format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n{events}")
        };
        let event = |id: &str, event: &str| {
            let event = testing::event(id, event);
            format!("data: {}\n\n", serde_json::to_string(&event).unwrap())
        };
        let first = stream(&event("5-1", "queued x-1"));
        let second =
            stream(&(event("5-2", "assigned x-1 x-a") + &event("6-0", "completed x-1 x-a")));
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
