//! The load: what its clients share, and when they begin and end.

use std::{sync::Arc, time::Duration};

use acd_core::skill::Skills;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Mode, tally::Tally};
use crate::{api::Api, feed::Feed};

/// What the clients share.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) mode: Mode,
    pub(super) api: Arc<Api>,
    /// Tells of assignments; only where there are any.
    pub(super) feed: Option<Feed>,
    /// What contacts need: each list of skills that some agent has.
    pub(super) needs: Vec<Skills>,
    pub(super) prefix: String,
    pub(super) seed: u64,
    pub(super) clients: u32,
    /// By all clients together, a second.
    pub(super) rate: Option<f64>,
    pub(super) assign_within: Duration,
    pub(super) stopping: CancellationToken,
    pub(super) begun: Instant,
    /// What begins in this time is not counted.
    pub(super) warmup: Duration,
    /// How long after the warm-up.
    pub(super) lasts: Duration,
    pub(super) tally: Tally,
}

impl Load {
    /// True when no client is to begin anything any more.
    pub(super) fn is_over(&self) -> bool {
        self.begun.elapsed() >= self.warmup + self.lasts || self.stopping.is_cancelled()
    }

    /// True when what began at `begun` counts.
    pub(super) fn counts(&self, begun: Instant) -> bool {
        begun >= self.begun + self.warmup
    }

    /// When the `n`th turn of client `number` is due, if a rate is to be kept; not after the end.
    pub(super) fn due(&self, number: u32, n: u64) -> Option<Instant> {
        let turn = u64::from(number) + n.saturating_mul(u64::from(self.clients));
        Some(self.begun + offset(self.rate?, turn).min(self.warmup + self.lasts))
    }
}

/// When turn number `turn` of all clients is due: they take turns, so that arrivals are even.
fn offset(rate: f64, turn: u64) -> Duration {
    let gap = Duration::from_secs(1).div_f64(rate);
    gap.saturating_mul(u32::try_from(turn).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_kept_evenly() {
        let due = |turn| offset(200.0, turn).as_millis();
        assert_eq!([0, 1, 2, 1000].map(due), [0, 5, 10, 5000]);
        assert!(offset(0.001, u64::MAX) > Duration::from_secs(86_400));
    }
}
