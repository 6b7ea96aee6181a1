//! The load: what its streams share, and the pace of each.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use acd_core::{ids::CenterId, skill::Skills};
use anyhow::Context;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{AvailabilityArgs, ledger::Ledger, once::Once, outage::Timeline, tally::Tally};
use crate::{api::Api, feed::Feed};

/// What all that is under way shares.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) api: Arc<Api>,
    pub(super) feed: Feed,
    pub(super) center: CenterId,
    pub(super) prefix: String,
    /// What contacts need: each list of skills that some agent has.
    pub(super) needs: Vec<Skills>,
    pub(super) assign_within: Duration,
    pub(super) tally: Tally,
    pub(super) ledger: Ledger,
    pub(super) once: Once,
    timeline: Mutex<Timeline>,
}

impl Load {
    pub(super) fn new(
        args: &AvailabilityArgs,
        prefix: String,
        api: Arc<Api>,
        feed: Feed,
        needs: Vec<Skills>,
    ) -> Self {
        Self {
            api,
            feed,
            center: args.center.clone(),
            prefix,
            needs,
            assign_within: args.assign_within,
            tally: Tally::default(),
            ledger: Ledger::default(),
            once: Once::default(),
            timeline: Mutex::default(),
        }
    }

    /// What the skills of those begin with that are never repeated.
    pub(super) fn once_prefix(&self) -> String {
        format!("{}once", self.prefix)
    }

    pub(super) fn timeline(&self) -> MutexGuard<'_, Timeline> {
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it goes, in a line.
    pub(super) fn summary(&self, since: Instant) -> String {
        let (counts, timeline) = (self.tally.counts(), self.timeline());
        let now = match timeline.current() {
            None => "in service".to_owned(),
            Some(outage) => format!("OUT OF SERVICE since {} ms", outage.gap_ms),
        };
        format!(
            "{} s, {now}; contacts: {} begun, {} completed; calls: {} repeated, {} failed; probes: {} \
             answered, {} not, longest gap {} ms",
            since.elapsed().as_secs(),
            counts.begun,
            counts.completed,
            self.api.retries(),
            counts.failures.count,
            timeline.good,
            timeline.failed,
            timeline.longest_ms(),
        )
    }
}

/// Begins a task every so often until it is over, whatever became of those before, and waits for all
/// of them.
pub(super) async fn paced<F: Future<Output = ()> + Send + 'static>(
    begun: Instant,
    every: Duration,
    over: CancellationToken,
    make: impl Fn(u64, Instant) -> F,
) -> anyhow::Result<()> {
    let mut tasks = JoinSet::new();
    let mut due = begun;
    for n in 0.. {
        if timeout_at(due, over.cancelled()).await.is_ok() {
            break;
        }
        tasks.spawn(make(n, due));
        due += every;
        while let Some(ended) = tasks.try_join_next() {
            ended.context("a task of the load failed")?;
        }
    }
    while let Some(ended) = tasks.join_next().await {
        ended.context("a task of the load failed")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_pace_does_not_depend_on_the_answers() {
        let (begun, over) = (Instant::now(), CancellationToken::new());
        let started = Arc::new(AtomicU64::new(0));
        let slow = {
            let started = Arc::clone(&started);
            move |_, _| {
                started.fetch_add(1, SeqCst);
                tokio::time::sleep(Duration::from_secs(60))
            }
        };
        let work = paced(begun, Duration::from_millis(10), over.clone(), slow);
        let stop = async {
            tokio::time::sleep(Duration::from_millis(995)).await;
            over.cancel();
        };
        let (worked, ()) = tokio::join!(work, stop);
        worked.unwrap();
        assert_eq!(started.load(SeqCst), 100);
        assert!(begun.elapsed() >= Duration::from_secs(60), "waits for all of them");
    }
}
