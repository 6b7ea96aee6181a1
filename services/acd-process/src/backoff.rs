//! Delays between retries.

use std::time::Duration;

/// Exponential back-off: delays double from the first to the longest. Half of every delay is random, so
/// that processes that lost the same server don't reconnect at the same time.
#[derive(Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    /// Delays from `first` to `longest`.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first }
    }

    /// Starts again with the first delay, after a success.
    pub fn reset(&mut self) {
        self.next = self.first;
    }

    /// The delay before the next retry.
    pub fn delay(&mut self) -> Duration {
        let delay = self.next;
        self.next = self.longest.min(delay * 2);
        delay.mul_f64(rand::random_range(0.5..=1.0))
    }

    /// Waits for the next delay.
    pub async fn wait(&mut self) {
        tokio::time::sleep(self.delay()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_the_longest_and_starts_over() {
        let (first, longest) = (Duration::from_millis(20), Duration::from_millis(500));
        let mut backoff = Backoff::new(first, longest);
        assert!(backoff.delay() <= first);
        for _ in 0..20 {
            assert!(backoff.delay() <= longest);
        }
        assert!(backoff.delay() >= longest / 2);
        backoff.reset();
        assert!(backoff.delay() <= first);
    }
}
