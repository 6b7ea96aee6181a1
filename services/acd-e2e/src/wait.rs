//! Waiting for a condition: it is checked again and again until it holds or a deadline has passed.

use std::time::{Duration, Instant};

/// The deadline where a test names none. A test that passes never waits this long.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The time between two checks of what is asked of containers: each check starts programs.
const EVERY: Duration = Duration::from_millis(100);
/// The time between two checks of what is asked of processes.
const EVERY_ASYNC: Duration = Duration::from_millis(10);

/// Checks every 100 ms until there is an answer. Panics after `limit`, with the last reason why there
/// was none.
pub fn poll<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let patience = Patience::of(limit);
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(why) => {
                patience.check(&format!("{what}: {why}"));
                std::thread::sleep(EVERY);
            }
        }
    }
}

/// Checks every 10 ms until there is an answer. Panics after [`PATIENCE`].
pub async fn poll_async<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let patience = Patience::new();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        patience.wait(what).await;
    }
}

/// A deadline that runs, for loops that are written out.
#[derive(Debug)]
pub struct Patience {
    begun: Instant,
    limit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self::of(PATIENCE)
    }
}

impl Patience {
    /// [`PATIENCE`] from now on.
    pub fn new() -> Self {
        Self::default()
    }

    /// `limit` from now on.
    pub fn of(limit: Duration) -> Self {
        Self { begun: Instant::now(), limit }
    }

    /// Panics when the deadline has passed.
    #[track_caller]
    pub fn check(&self, what: &str) {
        assert!(self.begun.elapsed() < self.limit, "not within {:?}: {what}", self.limit);
    }

    /// Sleeps for 10 ms; panics when the deadline has passed.
    pub async fn wait(&self, what: &str) {
        self.check(what);
        tokio::time::sleep(EVERY_ASYNC).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_first_answer() {
        let mut asked = 0;
        let answer = poll("an answer", PATIENCE, || {
            asked += 1;
            if asked == 3 { Ok(asked) } else { Err("not yet".to_owned()) }
        });
        assert_eq!(answer, 3);
    }

    #[test]
    #[should_panic(expected = "an answer: it is raining")]
    fn says_why_there_was_none() {
        poll("an answer", Duration::ZERO, || Err::<(), _>("it is raining".to_owned()));
    }
}
