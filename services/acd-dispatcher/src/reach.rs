//! Whether Redis is there, said once when it goes and once when it is back.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use acd_process::chain::chain;
use acd_store::StoreError;
use tokio::time::Instant;

/// The partitions that can't be reached. On a cluster some may be while others are not; the log
/// tells of the first that goes and of the last that is back, not of each in between.
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
    /// Until each of so many partitions has answered once, it is not reached.
    pub(crate) fn new(partitions: u16) -> Self {
        Self { lost: Mutex::new(Lost { partitions: (0..partitions).collect(), since: None }) }
    }

    /// The partition's step failed.
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
                tracing::warn!(partition, error = error_text, "Redis does not answer, trying on");
            }
            _ => tracing::error!(partition, error = error_text, "dispatching fails, trying on"),
        }
    }

    /// The partition's step succeeded.
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

    /// Whether this partition's last step succeeded.
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
