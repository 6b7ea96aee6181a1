//! How long to wait before trying again.

use std::time::Duration;

/// Delays that double from the first to the longest. Half of every delay is random, so that processes
/// that lost the same server don't come back in step.
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

    /// Begins with the first delay again.
    pub fn reset(&mut self) {
        self.next = self.first;
    }

    /// The delay before the next try.
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
