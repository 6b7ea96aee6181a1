//! Counts steps and assignments, for metrics and the summaries in the log.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use acd_store::{Assignment, Dispatched};

/// Counts since the last summary in the log.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    steps: AtomicU64,
    assignments: AtomicU64,
    slowest_reaction_ms: AtomicU64,
}

/// Registers the metrics with their help texts, so that they are exported before the first event.
pub(crate) fn describe() {
    metrics::describe_counter!("acd_assignments_total", "Contacts assigned to an agent.");
    metrics::describe_histogram!(
        "acd_contact_wait_seconds",
        "From the creation of a contact to its assignment."
    );
    metrics::describe_histogram!(
        "acd_time_to_assign_seconds",
        "From the moment both contact and agent were there to the assignment."
    );
    metrics::describe_counter!("acd_dispatch_steps_total", "Runs of the dispatch script.");
    metrics::describe_counter!("acd_dispatch_errors_total", "Dispatch steps that failed, by kind.");
    metrics::describe_gauge!(
        "acd_dispatch_partitions_lost",
        "Partitions whose last step failed: 0 while Redis is there."
    );
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
