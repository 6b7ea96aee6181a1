//! The life of a process: one token that says "stop", and every task that must end before we do.

use std::{
    future::Future,
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::Context;
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Shared by every role of a process; clones are handles to the same life.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    stopping: CancellationToken,
    tasks: TaskTracker,
    failure: Arc<OnceLock<anyhow::Error>>,
}

impl Lifecycle {
    /// A life that nothing has asked to end yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends this life at the first SIGTERM or SIGINT. A second one ends the process at once, for
    /// an operator who does not want to wait for the grace period.
    ///
    /// # Errors
    /// When the signal handlers can't be installed.
    pub fn stop_on_signals(&self) -> anyhow::Result<()> {
        let mut term = signal(SignalKind::terminate()).context("install the SIGTERM handler")?;
        let mut int = signal(SignalKind::interrupt()).context("install the SIGINT handler")?;
        let stopping = self.stopping.clone();
        // Not tracked: it waits for a second signal for as long as the process lives.
        #[expect(clippy::disallowed_methods, reason = "must not hold up the drain it announces")]
        tokio::spawn(async move {
            for seen_before in [false, true] {
                let name = tokio::select! {
                    _ = term.recv() => "SIGTERM",
                    _ = int.recv() => "SIGINT",
                };
                if seen_before {
                    tracing::warn!(signal = name, "second signal, leaving at once");
                    std::process::exit(130);
                }
                tracing::info!(signal = name, "stopping");
                stopping.cancel();
            }
        });
        Ok(())
    }

    /// Asks everything to stop.
    pub fn stop(&self) {
        self.stopping.cancel();
    }

    /// Asks everything to stop, because of what can't be mended while the process lives. The first
    /// failure is the one that [`Lifecycle::failure`] tells.
    pub fn fail(&self, why: anyhow::Error) {
        let _ = self.failure.set(why);
        self.stopping.cancel();
    }

    /// Why this life failed, if it did.
    pub fn failure(&self) -> Option<&anyhow::Error> {
        self.failure.get()
    }

    /// True once something asked this life to end.
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Resolves when this life is asked to end.
    pub async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// A token that is cancelled when this life is asked to end, for code that selects on one.
    pub fn token(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// Starts a task that [`Lifecycle::finished`] waits for.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.tasks.spawn(task)
    }

    /// Waits until every task has ended, `grace` at most. False when some had to be left behind.
    pub async fn finished(&self, grace: Duration) -> bool {
        self.tasks.close();
        tokio::time::timeout(grace, self.tasks.wait()).await.is_ok()
    }
}
