//! What the clients count. One tally for all: a lock on two cores costs less than a histogram a
//! client.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use acd_measure::{
    check::Findings,
    latency::{Latency, Percentiles},
};
use serde::Serialize;

use crate::feed::Assigned;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Operation {
    /// POST contacts.
    Create,
    /// From POST contacts until the event of its assignment was here.
    Assigned,
    /// POST complete.
    Complete,
    /// All of it.
    Lifecycle,
    /// POST /bench.
    Constant,
}

/// All figures so far.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    done: u64,
    elapsed: Duration,
    operations: BTreeMap<Operation, Latency>,
    time_to_assign: Latency,
    reaction: Latency,
    failures: Findings,
}

/// What they come to.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Totals {
    /// Turns that were finished, without the warm-up.
    pub(super) done: u64,
    /// How long that took.
    pub(super) elapsed_s: f64,
    pub(super) per_second: Option<f64>,
    pub(super) operations: BTreeMap<Operation, Percentiles>,
    /// From queued to assigned, by Redis's clock.
    pub(super) time_to_assign: Option<Percentiles>,
    /// The same from the moment when an agent was free, too.
    pub(super) reaction: Option<Percentiles>,
}

impl Tally {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something took so long.
    pub(super) fn took(&self, what: Operation, time: Duration) {
        self.counts().operations.entry(what).or_default().record(time);
    }

    /// A contact found its agent.
    pub(super) fn assigned(&self, assigned: &Assigned) {
        let mut counts = self.counts();
        counts.time_to_assign.record_ms(assigned.wait_ms);
        counts.reaction.record_ms(assigned.reaction_ms);
    }

    /// A turn was finished.
    pub(super) fn done(&self) {
        self.counts().done += 1;
    }

    /// A turn failed.
    pub(super) fn fail(&self, why: String) {
        self.counts().failures.add(why);
    }

    /// Everybody stopped, so long after the beginning.
    pub(super) fn end(&self, at: Duration) {
        self.counts().elapsed = at;
    }

    /// A few words for the progress bar.
    pub(super) fn summary(&self) -> String {
        let counts = self.counts();
        format!("{} done, {} failed", counts.done, counts.failures.count)
    }

    /// What failed.
    pub(super) fn failures(&self) -> Findings {
        self.counts().failures.clone()
    }

    /// What it comes to, `warmup` left out.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub(super) fn totals(&self, warmup: Duration) -> Totals {
        let counts = self.counts();
        let elapsed_s = counts.elapsed.saturating_sub(warmup).as_secs_f64();
        let percentiles =
            |(what, latency): (&Operation, &Latency)| Some((*what, latency.percentiles()?));
        Totals {
            done: counts.done,
            elapsed_s,
            per_second: (elapsed_s > 0.0).then(|| counts.done as f64 / elapsed_s),
            operations: counts.operations.iter().filter_map(percentiles).collect(),
            time_to_assign: counts.time_to_assign.percentiles(),
            reaction: counts.reaction.percentiles(),
        }
    }
}
