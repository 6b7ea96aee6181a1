//! Tracks which partitions are reachable, and logs the beginning and the end of an outage once.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use acd_process::chain::chain;
use acd_store::StoreError;
use tokio::time::Instant;

/// The partitions that can't be reached. On a cluster, some may be reachable while others are not. The
/// log has the first failure and the last recovery, not each one in between.
#[derive(Debug)]
pub(crate) struct Reach {
    lost: Mutex<Lost>,
}

#[derive(Debug)]
struct Lost {
    partitions: BTreeSet<u16>,
    since: Option<Instant>,
}

impl Reach {
    /// Every partition counts as unreachable until it has answered once.
    pub(crate) fn new(partitions: u16) -> Self {
        Self { lost: Mutex::new(Lost { partitions: (0..partitions).collect(), since: None }) }
    }

    /// Records that a step of the partition failed.
    pub(crate) fn failed(&self, partition: u16, error: &StoreError) {
        metrics::counter!("acd_dispatch_errors_total", "kind" => kind(error)).increment(1);
        let first = {
            let mut lost = self.lock();
            lost.partitions.insert(partition);
            count(&lost);
            let first = lost.since.is_none();
            lost.since.get_or_insert_with(Instant::now);
            first
        };
        let error_text = chain(error);
        match error {
            _ if !first => tracing::debug!(partition, error = error_text, "step failed"),
            StoreError::Unavailable(..) => {
                tracing::warn!(partition, error = error_text, "Redis does not answer, retrying");
            }
            _ => tracing::error!(partition, error = error_text, "dispatching fails, retrying"),
        }
    }

    /// Records that a step of the partition succeeded.
    pub(crate) fn answered(&self, partition: u16) {
        let since = {
            let mut lost = self.lock();
            if !lost.partitions.remove(&partition) {
                return;
            }
            count(&lost);
            if lost.partitions.is_empty() { lost.since.take() } else { None }
        };
        if let Some(since) = since {
            let lost_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::info!(lost_ms, "Redis answers again");
        }
    }

    /// Whether the last step of the partition succeeded.
    pub(crate) fn has(&self, partition: u16) -> bool {
        !self.lock().partitions.contains(&partition)
    }

    /// The partitions whose last step failed, or that have not answered yet.
    pub(crate) fn lost(&self) -> Vec<u16> {
        self.lock().partitions.iter().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Lost> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(lost: &Lost) {
    let number = u32::try_from(lost.partitions.len()).unwrap_or(u32::MAX);
    metrics::gauge!("acd_dispatch_partitions_lost").set(number);
}

fn kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::Unavailable(..) => "unavailable",
        StoreError::Broken(..) => "broken",
        StoreError::Refused(..) => "refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_lost_until_it_has_answered() {
        let reach = Reach::new(2);
        assert_eq!(reach.lost(), [0, 1]);
        reach.answered(0);
        assert_eq!(reach.lost(), [1]);
        reach.failed(0, &StoreError::unavailable("away"));
        reach.answered(1);
        assert_eq!(reach.lost(), [0]);
        reach.answered(0);
        assert!(reach.lost().is_empty() && reach.has(0) && reach.has(1));
    }
}
