//! Waiting for what takes its time.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Longer than anything takes on a machine under load; a test that works never waits for it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(5);

/// Asks every few milliseconds until there is an answer.
///
/// # Panics
/// When there is none within [`PATIENCE`].
pub async fn poll<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "no {what} within {PATIENCE:?}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits for something, [`PATIENCE`] at most.
///
/// # Panics
/// When it is not there by then.
pub async fn soon<F: Future>(what: F) -> F::Output {
    let ended = tokio::time::timeout(PATIENCE, what).await;
    ended.unwrap_or_else(|_| panic!("it did not happen within {PATIENCE:?}"))
}
