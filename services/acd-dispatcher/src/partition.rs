//! The loop of one partition.

use std::{sync::Arc, time::Duration};

use acd_process::{backoff::Backoff, chain::chain};
use acd_store::{Dispatched, Doorbell};
use tokio_util::sync::CancellationToken;

use crate::{Shared, limits};

/// Bells in a row that fail while steps succeed before the log says so: when Redis goes away the
/// bell often notices first, and the step after it tells.
const BELL_TRIES: u32 = 3;

/// Takes what is to be done, until there is nothing left; then sleeps until the bell rings, the
/// next timer is due or the longest sleep is over.
pub(crate) async fn run(number: u16, shared: Arc<Shared>, stopping: CancellationToken) {
    let mut worker = Worker {
        bell: shared.store.doorbell(number),
        step_backoff: backoff(),
        bell_backoff: backoff(),
        bell_failures: 0,
        number,
        shared: &shared,
    };
    while !stopping.is_cancelled() {
        shared.pulse.turn(number);
        // The step itself is never cut short; only the sleep after it is.
        let rest = worker.step().await;
        tokio::select! {
            () = worker.rest(rest) => {}
            () = stopping.cancelled() => {}
        }
    }
    // The sleep that was cut short may have taken a ring with it. Another dispatcher would find
    // the work within its longest sleep, but one last look spares somebody that wait.
    drop(worker);
    if shared.reach.has(number)
        && let Ok(done) = shared.store.dispatch(number, shared.args.dispatch_budget).await
    {
        shared.tally.record(number, &done);
    }
}

/// Between two tries when Redis is away.
const fn backoff() -> Backoff {
    Backoff::new(limits::BACKOFF.0, limits::BACKOFF.1)
}

/// What to do between two steps.
enum Rest {
    /// Nothing: there is more to do.
    None,
    /// Listen for the bell, this long at most.
    Sleep(Duration),
    /// The step failed: leave Redis alone for a moment.
    Backoff,
}

struct Worker<'a> {
    number: u16,
    shared: &'a Shared,
    bell: Doorbell,
    step_backoff: Backoff,
    bell_backoff: Backoff,
    bell_failures: u32,
}

impl Worker<'_> {
    async fn step(&mut self) -> Rest {
        match self.take_up().await {
            Ok(rest) => {
                self.step_backoff.reset();
                self.shared.reach.answered(self.number);
                rest
            }
            Err(error) => {
                self.shared.reach.failed(self.number, &error);
                Rest::Backoff
            }
        }
    }

    async fn take_up(&self) -> acd_store::Result<Rest> {
        let Shared { store, args, tally, .. } = self.shared;
        let done = store.dispatch(self.number, args.dispatch_budget).await?;
        tally.record(self.number, &done);
        // Also while there is more to assign: under constant load there always is.
        if done.next_timer_ms == Some(0) {
            store.advance_timers(self.number).await?;
            return Ok(Rest::None);
        }
        Ok(if done.more { Rest::None } else { Rest::Sleep(nap(&done, args.dispatch_max_sleep)) })
    }

    async fn rest(&mut self, rest: Rest) {
        match rest {
            Rest::None => {}
            Rest::Sleep(at_most) => self.listen(at_most).await,
            Rest::Backoff => tokio::time::sleep(self.step_backoff.delay()).await,
        }
    }

    async fn listen(&mut self, at_most: Duration) {
        let partition = self.number;
        match self.bell.wait(at_most).await {
            Ok(_rung) => {
                if self.bell_failures >= BELL_TRIES {
                    tracing::info!(partition, "the doorbell works again");
                }
                self.bell_failures = 0;
                self.bell_backoff.reset();
            }
            Err(error) => {
                self.bell_failures = self.bell_failures.saturating_add(1);
                let error = chain(&error);
                if self.bell_failures == BELL_TRIES && self.shared.reach.has(partition) {
                    tracing::warn!(partition, error, "the doorbell fails, polling meanwhile");
                } else {
                    tracing::debug!(partition, error, "the doorbell failed");
                }
                tokio::time::sleep(self.bell_backoff.delay()).await;
            }
        }
    }
}

/// Until the next timer, but never for ever and never not at all.
fn nap(done: &Dispatched, longest: Duration) -> Duration {
    let Some(next_ms) = done.next_timer_ms else {
        return longest;
    };
    let next = Duration::from_millis(u64::try_from(next_ms).unwrap_or(0));
    next.clamp(Duration::from_millis(1), longest)
}
