//! One client: does its turn, again and again.

use std::{sync::Arc, time::Duration};

use acd_core::{
    contact::{Contact, ContactState, RejectionReason},
    ids::ContactId,
    skill::Skills,
};
use acd_measure::progress::Progress;
use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::time::{Instant, sleep_until, timeout};

use super::{Mode, load::Load, tally::Operation};
use crate::{
    api::Ending,
    feed::{Assigned, Feed, Watch},
};

/// Why a turn failed, in a sentence.
type Failure = String;

/// One client.
pub(super) struct Client {
    load: Arc<Load>,
    number: u32,
    rng: StdRng,
    /// The warm-up was over when this turn began.
    counts: bool,
    progress: Arc<Progress>,
    created: Vec<ContactId>,
}

impl Client {
    pub(super) fn new(load: Arc<Load>, number: u32, progress: Arc<Progress>) -> Self {
        let rng = StdRng::seed_from_u64(load.seed.wrapping_add(u64::from(number)));
        Self { load, number, rng, counts: false, progress, created: Vec::new() }
    }

    /// Works until the load is over. Gives what `--mode create` left waiting.
    pub(super) async fn work(mut self) -> Vec<ContactId> {
        let load = Arc::clone(&self.load);
        for n in 0.. {
            if let Some(due) = load.due(self.number, n) {
                tokio::select! {
                    () = sleep_until(due) => {}
                    () = load.stopping.cancelled() => {}
                }
            }
            if load.is_over() {
                break;
            }
            self.counts = load.counts(Instant::now());
            match self.turn(n).await {
                Ok(done) if done && self.counts => load.tally.done(),
                Ok(_) => {}
                Err(failure) => load.tally.fail(failure),
            }
            let elapsed = u64::try_from(load.begun.elapsed().as_millis());
            let summary = || load.tally.summary();
            self.progress.at(elapsed.unwrap_or(u64::MAX), summary);
        }
        self.created
    }

    /// Does the `n`th turn. False when it was cut short because we were asked to stop.
    async fn turn(&mut self, n: u64) -> Result<bool, Failure> {
        let load = Arc::clone(&self.load);
        let id = format!("{}{}-{n}", load.prefix, self.number);
        let id: ContactId = id.parse().map_err(|e| format!("{id}: {e}"))?;
        let needs = &load.needs[self.rng.random_range(0..load.needs.len())];
        if load.mode == Mode::Constant {
            let begun = Instant::now();
            load.api.constant(&id, needs).await.map_err(|e| e.to_string())?;
            self.took(Operation::Constant, begun);
            return Ok(true);
        }
        let lived = match &load.feed {
            None => self.create(&id, needs).await.map(|()| true),
            Some(feed) => self.lifecycle(&id, needs, feed).await,
        };
        if lived.is_err() {
            // It may be there all the same: let it not wait for ever.
            let _ = load.api.end(&id, Ending::Cancel).await;
        } else if load.feed.is_none() {
            self.created.push(id.clone());
        }
        lived.map_err(|failure| format!("{id}: {failure}"))
    }

    /// A contact's whole life. False when it was cut short.
    async fn lifecycle(
        &self,
        id: &ContactId,
        needs: &Skills,
        feed: &Feed,
    ) -> Result<bool, Failure> {
        let (load, begun) = (&self.load, Instant::now());
        let mut watch = feed.watch(id);
        self.create(id, needs).await?;
        feed.audit().acknowledge(id);
        let Some(assigned) = self.assigned(id, &mut watch, begun).await? else {
            return Ok(false);
        };
        self.took(Operation::Assigned, begun);
        if let Some(assigned) = assigned.filter(|_| self.counts) {
            load.tally.assigned(&assigned);
        }
        let completing = Instant::now();
        load.api.end(id, Ending::Complete).await.map_err(|error| format!("complete: {error}"))?;
        self.took(Operation::Complete, completing);
        self.took(Operation::Lifecycle, begun);
        Ok(true)
    }

    /// Waits until the contact has an agent. `None` when we were asked to stop and it was
    /// canceled; the event itself is missing when only the API knows of the agent.
    async fn assigned(
        &self,
        id: &ContactId,
        watch: &mut Watch,
        begun: Instant,
    ) -> Result<Option<Option<Assigned>>, Failure> {
        let limit = self.load.assign_within;
        tokio::select! {
            biased;
            found = timeout(limit, watch.assigned()) => if let Ok(assigned) = found {
                return Ok(Some(Some(assigned)));
            },
            () = self.load.stopping.cancelled() => {
                let canceled = self.load.api.end(id, Ending::Cancel).await;
                return canceled.map(|_| None).map_err(|error| format!("cancel: {error}"));
            }
        }
        let waited = begun.elapsed();
        match self.load.api.contact(id).await.map_err(|error| error.to_string())? {
            None => Err("lost: there is no such contact any more".to_owned()),
            Some(Contact { state: ContactState::Assigned, .. }) => Ok(Some(None)),
            Some(contact) => Err(late(&contact, waited)),
        }
    }

    async fn create(&self, id: &ContactId, needs: &Skills) -> Result<(), Failure> {
        let begun = Instant::now();
        let created = self.load.api.create_contact(id, needs).await;
        let contact = created.map_err(|error| format!("create: {error}"))?;
        self.took(Operation::Create, begun);
        match contact.state {
            ContactState::Rejected => {
                let why = contact.reason.map_or("no reason", RejectionReason::as_str);
                Err(format!("rejected: {why}"))
            }
            _ => Ok(()),
        }
    }

    /// Notes how long something took that began at `begun`, if this turn counts.
    fn took(&self, what: Operation, begun: Instant) {
        if self.counts {
            self.load.tally.took(what, begun.elapsed());
        }
    }
}

fn late(contact: &Contact, waited: Duration) -> Failure {
    format!("no agent within {waited:.1?}, it is {:?}", contact.state)
}
