//! Counts steps and assignments, for metrics and the summaries in the log.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use acd_process::metric::{self, Metric, MetricKind};
use acd_store::{Assignment, Dispatched};

/// Counts since the last summary in the log.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    steps: AtomicU64,
    assignments: AtomicU64,
    slowest_reaction_ms: AtomicU64,
}

/// The metrics of the dispatcher.
pub const METRICS: &[Metric] = &[
    Metric {
        name: "acd_assignments_total",
        labels: &[],
        kind: MetricKind::Counter,
        help: "assignments that this dispatcher made",
    },
    Metric {
        name: "acd_contact_wait_seconds",
        labels: &[],
        kind: MetricKind::Histogram,
        help: "how long assigned contacts had waited",
    },
    Metric {
        name: "acd_time_to_assign_seconds",
        labels: &[],
        kind: MetricKind::Histogram,
        help: "time from when both contact and agent were there until the assignment",
    },
    Metric {
        name: "acd_dispatch_steps_total",
        labels: &[],
        kind: MetricKind::Counter,
        help: "runs of the dispatch script",
    },
    Metric {
        name: "acd_dispatch_errors_total",
        labels: &["kind"],
        kind: MetricKind::Counter,
        help: "runs that failed",
    },
    Metric {
        name: "acd_dispatch_partitions_lost",
        labels: &[],
        kind: MetricKind::Gauge,
        help: "partitions whose last step failed; 0 while Redis is reached",
    },
];

/// Registers the metrics with their help texts, so that they are exported before the first event.
pub(crate) fn describe() {
    metric::describe(METRICS);
    metric::describe(acd_store::scrape::METRICS);
    metrics::counter!("acd_assignments_total").increment(0);
    metrics::counter!("acd_dispatch_steps_total").increment(0);
    metrics::gauge!("acd_dispatch_partitions_lost").set(0);
}

impl Tally {
    /// Counts a step and logs its assignments.
    pub(crate) fn record(&self, partition: u16, done: &Dispatched) {
        metrics::counter!("acd_dispatch_steps_total").increment(1);
        self.steps.fetch_add(1, Relaxed);
        for assignment in &done.assignments {
            self.assigned(partition, assignment);
        }
    }

    fn assigned(&self, partition: u16, assignment: &Assignment) {
        let Assignment { center, contact, agent, wait_ms, reaction_ms, .. } = assignment;
        tracing::debug!(partition, %center, %contact, %agent, wait_ms, reaction_ms, "assigned");
        metrics::counter!("acd_assignments_total").increment(1);
        metrics::histogram!("acd_contact_wait_seconds").record(seconds(*wait_ms));
        metrics::histogram!("acd_time_to_assign_seconds").record(seconds(*reaction_ms));
        self.assignments.fetch_add(1, Relaxed);
        let reaction_ms = u64::try_from(*reaction_ms).unwrap_or(0);
        self.slowest_reaction_ms.fetch_max(reaction_ms, Relaxed);
    }

    /// Logs a summary if anything was assigned since the last one.
    pub(crate) fn log_progress(&self) {
        if self.assignments.load(Relaxed) > 0 {
            self.log_summary("dispatched");
        }
    }

    /// Logs a summary with the counts since the last one.
    pub(crate) fn log_summary(&self, message: &'static str) {
        let steps = self.steps.swap(0, Relaxed);
        let assignments = self.assignments.swap(0, Relaxed);
        let slowest_reaction_ms = self.slowest_reaction_ms.swap(0, Relaxed);
        tracing::info!(assignments, steps, slowest_reaction_ms, "{message}");
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact below 285 000 years")]
fn seconds(ms: i64) -> f64 {
    ms.max(0) as f64 / 1000.0
}
