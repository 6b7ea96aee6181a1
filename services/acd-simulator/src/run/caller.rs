//! One contact, from its arrival to its end.

use std::{sync::Arc, time::Duration};

use acd_core::{
    contact::{Contact, ContactState},
    ids::ContactId,
};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{Api, CallError, Ending},
    feed::{Assigned, Feed, Watch},
    workload::Caller,
};

/// How long an event may be behind the answer that told the same.
const EVENT_LAG: Duration = Duration::from_secs(2);

/// What every caller needs.
#[derive(Debug)]
pub(super) struct Floor {
    pub(super) api: Arc<Api>,
    pub(super) feed: Feed,
    pub(super) stopping: CancellationToken,
}

/// How it went.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// The contact at its end, with Redis's times.
    pub(super) contact: Option<Contact>,
    /// When it first found an agent, as the event told it.
    pub(super) assigned: Option<Assigned>,
    /// We were asked to stop before it was over.
    pub(super) cut_short: bool,
    /// Why it has no end that we know of.
    pub(super) failure: Option<String>,
}

impl Outcome {
    /// True when it found an agent.
    pub(super) fn was_answered(&self) -> bool {
        self.contact.as_ref().is_some_and(|contact| contact.assigned_at.is_some())
    }
}

/// Arrives, waits, and talks or gives up.
pub(super) async fn call(floor: Arc<Floor>, id: ContactId, caller: Caller) -> Outcome {
    let mut outcome = Outcome::default();
    match floor.follow(&id, &caller, &mut outcome).await {
        Ok(contact) => outcome.contact = Some(contact),
        Err(error) => {
            outcome.failure = Some(format!("{id}: {error}"));
            // It may be there all the same: let it not wait for ever.
            let _ = floor.api.end(&id, Ending::Cancel).await;
        }
    }
    outcome
}

impl Floor {
    async fn follow(
        &self,
        id: &ContactId,
        caller: &Caller,
        outcome: &mut Outcome,
    ) -> Result<Contact, CallError> {
        let mut watch = self.feed.watch(id);
        let contact = self.api.create_contact(id, &caller.skills).await?;
        self.feed.audit().acknowledge(id);
        if contact.state == ContactState::Rejected {
            return Ok(contact);
        }
        let leaves = Instant::now() + caller.patience;
        // More than once around only when somebody puts the contact back into the queue.
        loop {
            if let Some(end) = self.wait(id, &mut watch, leaves, outcome).await? {
                return Ok(end);
            }
            tokio::select! {
                () = sleep(caller.talk) => {}
                () = self.stopping.cancelled() => outcome.cut_short = true,
            }
            if let Some(end) = self.try_end(id, Ending::Complete).await? {
                return Ok(end);
            }
        }
    }

    /// Waits for an agent. `None` when there is one, else how the contact ended.
    async fn wait(
        &self,
        id: &ContactId,
        watch: &mut Watch,
        leaves: Instant,
        outcome: &mut Outcome,
    ) -> Result<Option<Contact>, CallError> {
        let ending = tokio::select! {
            biased;
            assigned = watch.assigned() => {
                outcome.assigned.get_or_insert(assigned);
                return Ok(None);
            }
            () = self.stopping.cancelled() => Ending::Cancel,
            () = sleep_until(leaves) => Ending::Abandon,
        };
        outcome.cut_short |= matches!(ending, Ending::Cancel);
        let end = self.try_end(id, ending).await?;
        if end.is_none() {
            // Found an agent in this very moment; the event is on its way.
            if let Ok(assigned) = timeout(EVENT_LAG, watch.assigned()).await {
                outcome.assigned.get_or_insert(assigned);
            }
        }
        Ok(end)
    }

    /// Ends the contact. `None` when it is in a state that does not end so, but lives.
    async fn try_end(&self, id: &ContactId, how: Ending) -> Result<Option<Contact>, CallError> {
        match self.api.end(id, how).await {
            Ok(contact) => Ok(Some(contact)),
            Err(error) if error.is_conflict() => {
                let contact = self.api.contact(id).await?.ok_or(error)?;
                let lives = matches!(contact.state, ContactState::Queued | ContactState::Assigned);
                Ok((!lives).then_some(contact))
            }
            Err(error) => Err(error),
        }
    }
}
