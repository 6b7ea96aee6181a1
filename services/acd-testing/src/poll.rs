//! Waits for conditions, with a limit.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// The limit of every wait: longer than anything takes on a machine under load.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(5);

/// Calls `ask` every few milliseconds until it returns a value.
///
/// # Panics
/// When it returns none within [`PATIENCE`].
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

/// Waits for a future, at most [`PATIENCE`].
///
/// # Panics
/// When it is not ready by then.
pub async fn soon<F: Future>(what: F) -> F::Output {
    let ended = tokio::time::timeout(PATIENCE, what).await;
    ended.unwrap_or_else(|_| panic!("it did not happen within {PATIENCE:?}"))
}
