//! The load: three streams at their own pace, and a word on how it goes every second.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use acd_core::{ids::CenterId, skill::Skills};
use anyhow::Context;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::{
    AvailabilityArgs, contact,
    ledger::Ledger,
    once::Once,
    outage::{Probed, Timeline},
    tally::Tally,
};
use crate::{
    api::{Api, Probe},
    feed::Feed,
    progress::Ticker,
};

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
    fn summary(&self, since: Instant) -> String {
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

/// Works until time is up or we are asked to stop, then waits for what has begun. Gives how long the
/// load lasted.
pub(super) async fn apply(
    load: &Arc<Load>,
    args: &AvailabilityArgs,
    probe: Probe,
    stopping: CancellationToken,
) -> anyhow::Result<Duration> {
    let ticker = Arc::new(Ticker::begin("availability"));
    let begun = Instant::now();
    let over = stopping.child_token();
    let every = |rate: f64| Duration::from_secs(1).div_f64(rate);

    let contacts = paced(begun, every(args.rate), over.clone(), {
        let load = Arc::clone(load);
        move |n, due| contact::live(Arc::clone(&load), n, due)
    });
    let once = paced(begun, every(args.once_rate), over.clone(), {
        let load = Arc::clone(load);
        move |n, due| contact::create_once(Arc::clone(&load), n, due)
    });
    let probes = paced(begun, args.probe_every, over.clone(), {
        let (load, ticker) = (Arc::clone(load), Arc::clone(&ticker));
        move |_, due| {
            let (load, ticker, probe) = (Arc::clone(&load), Arc::clone(&ticker), probe.clone());
            async move {
                sleep_until(due).await;
                let sent = begun.elapsed();
                let failed = probe.ask().await.err();
                let probed = Probed { sent, ended: begun.elapsed(), failed };
                let over = load.timeline().note(probed).map(ToString::to_string);
                if let Some(outage) = over {
                    ticker.say(&outage);
                }
            }
        }
    });
    let lasts = async {
        let until = args.seconds.map(|s| begun + Duration::from_secs(s.into()));
        let mut second = begun;
        while !over.is_cancelled() && until.is_none_or(|until| Instant::now() < until) {
            second += Duration::from_secs(1);
            let next = until.map_or(second, |until| until.min(second));
            let _ = timeout_at(next, over.cancelled()).await;
            ticker.tick(|| load.summary(begun));
        }
        over.cancel();
        begun.elapsed()
    };
    let (contacts, once, probes, lasted) = tokio::join!(contacts, once, probes, lasts);
    contacts.and(once).and(probes)?;
    ticker.tick(|| load.summary(begun));
    Ok(lasted)
}

/// Begins a task every so often until it is over, whatever became of those before, and waits for all
/// of them.
async fn paced<F: Future<Output = ()> + Send + 'static>(
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
