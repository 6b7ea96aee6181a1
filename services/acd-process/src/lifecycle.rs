//! The life cycle of a process: a token for shutdown, and the tasks that must end before the process exits.

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

/// The life cycle, shared by all roles of a process. Clones are handles to the same one.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    stopping: CancellationToken,
    tasks: TaskTracker,
    failure: Arc<OnceLock<anyhow::Error>>,
}

impl Lifecycle {
    /// A life cycle that is not stopping.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts the shutdown at the first SIGTERM or SIGINT. A second signal ends the process at once, for an
    /// operator who does not want to wait for the grace period.
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
                    tracing::warn!(signal = name, "second signal, exiting at once");
                    std::process::exit(130);
                }
                tracing::info!(signal = name, "stopping");
                stopping.cancel();
            }
        });
        Ok(())
    }

    /// Starts the shutdown.
    pub fn stop(&self) {
        self.stopping.cancel();
    }

    /// Starts the shutdown because of a failure from which the process can't recover.
    /// [`Lifecycle::failure`] returns the first one.
    pub fn fail(&self, why: anyhow::Error) {
        let _ = self.failure.set(why);
        self.stopping.cancel();
    }

    /// The failure that started the shutdown, if there was one.
    pub fn failure(&self) -> Option<&anyhow::Error> {
        self.failure.get()
    }

    /// True once the shutdown has started.
    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Resolves when the shutdown starts.
    pub async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// A token that is cancelled when the shutdown starts, for code that needs a token.
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

    /// Waits until every task has ended, at most `grace`. False when some have not ended by then.
    pub async fn finished(&self, grace: Duration) -> bool {
        self.tasks.close();
        tokio::time::timeout(grace, self.tasks.wait()).await.is_ok()
    }
}
