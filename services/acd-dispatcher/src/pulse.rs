//! Detects loops that hang.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use tokio::time::Instant;

/// When each loop last started a step. A step that fails because Redis is unavailable counts, too: the
/// process is healthy, and a restart would not help.
#[derive(Debug)]
pub(crate) struct Pulse {
    started: Instant,
    stalled_after: Duration,
    /// Milliseconds after `started`, by partition.
    turned: Vec<AtomicU64>,
}

impl Pulse {
    pub(crate) fn new(partitions: u16, stalled_after: Duration) -> Self {
        let turned = (0..partitions).map(|_| AtomicU64::new(0)).collect();
        Self { started: Instant::now(), stalled_after, turned }
    }

    pub(crate) fn turn(&self, partition: u16) {
        if let Some(turned) = self.turned.get(usize::from(partition)) {
            turned.store(self.now_ms(), Relaxed);
        }
    }

    /// The partitions whose loop has not started a step for longer than `stalled_after`.
    pub(crate) fn stalled(&self) -> Vec<usize> {
        let limit_ms = u64::try_from(self.stalled_after.as_millis()).unwrap_or(u64::MAX);
        let now_ms = self.now_ms();
        let stalled = |turned: &AtomicU64| now_ms.saturating_sub(turned.load(Relaxed)) > limit_ms;
        let numbered = self.turned.iter().enumerate();
        numbered.filter(|(_, turned)| stalled(turned)).map(|(number, _)| number).collect()
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn names_the_loop_that_hangs() {
        let pulse = Pulse::new(2, Duration::from_secs(10));
        tokio::time::advance(Duration::from_secs(9)).await;
        assert!(pulse.stalled().is_empty());
        pulse.turn(0);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(pulse.stalled(), [1]);
        pulse.turn(1);
        assert!(pulse.stalled().is_empty());
    }
}
