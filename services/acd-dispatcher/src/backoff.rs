//! How long to wait before trying again.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_millis(500);

/// Doubles up to half a second. Half of every delay is random, so that dispatchers that lost the
/// same Redis don't come back in step.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { next: FIRST }
    }

    pub(crate) fn reset(&mut self) {
        self.next = FIRST;
    }

    /// The delay before the next try.
    pub(crate) fn delay(&mut self) -> Duration {
        let delay = self.next;
        self.next = LONGEST.min(delay * 2);
        delay.mul_f64(rand::random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_half_a_second_and_starts_over() {
        let mut backoff = Backoff::new();
        assert!(backoff.delay() <= FIRST);
        for _ in 0..20 {
            assert!(backoff.delay() <= LONGEST);
        }
        assert!(backoff.delay() >= LONGEST / 2);
        backoff.reset();
        assert!(backoff.delay() <= FIRST);
    }
}
