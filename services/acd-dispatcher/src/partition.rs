//! The loop of one partition.

use std::{sync::Arc, time::Duration};

use acd_process::{backoff::Backoff, chain::chain};
use acd_store::{Dispatched, Doorbell};
use tokio_util::sync::CancellationToken;

use crate::{Shared, limits};

/// Doorbell failures in a row, while steps succeed, before a warning is logged. When Redis becomes
/// unavailable, the doorbell often fails first, and the next step reports it.
const BELL_TRIES: u32 = 3;

/// Dispatches until there is nothing left to do. Then sleeps until the doorbell rings, the next timer is
/// due or the longest sleep is over.
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
        // A step is never interrupted, only the sleep after it.
        let rest = worker.step().await;
        tokio::select! {
            () = worker.rest(rest) => {}
            () = stopping.cancelled() => {}
        }
    }
    // The interrupted sleep may have consumed a ring of the doorbell. Another dispatcher would find the
    // work after its longest sleep at the latest; a last step here avoids that delay.
    drop(worker);
    if shared.reach.has(number)
        && let Ok(done) = shared.store.dispatch(number, shared.args.dispatch_budget).await
    {
        shared.tally.record(number, &done);
    }
}

/// The back-off while Redis is unavailable.
const fn backoff() -> Backoff {
    Backoff::new(limits::BACKOFF.0, limits::BACKOFF.1)
}

/// What to do between two steps.
enum Rest {
    /// Continue at once: there is more to do.
    None,
    /// Wait for the doorbell, this long at most.
    Sleep(Duration),
    /// The step failed: wait before the next one.
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
        // Due timers run even while there is more to assign: under constant load there always is.
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
                    tracing::warn!(
                        partition,
                        error,
                        "the doorbell fails, polling until it works again"
                    );
                } else {
                    tracing::debug!(partition, error, "the doorbell failed");
                }
                tokio::time::sleep(self.bell_backoff.delay()).await;
            }
        }
    }
}

/// Time until the next timer, clamped to `1 ms..=longest`.
fn nap(done: &Dispatched, longest: Duration) -> Duration {
    let Some(next_ms) = done.next_timer_ms else {
        return longest;
    };
    let next = Duration::from_millis(u64::try_from(next_ms).unwrap_or(0));
    next.clamp(Duration::from_millis(1), longest)
}
