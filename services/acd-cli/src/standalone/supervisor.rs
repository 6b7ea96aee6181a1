//! Restarts the own Redis whenever it exits, until it is no longer needed.

use std::time::Duration;

use acd_process::lifecycle::Lifecycle;
use anyhow::Context;
use tokio::{
    process::Child,
    task::JoinHandle,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::redis::OwnRedis;

/// The first pause before Redis is started again; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// After a run this long, the pause starts again at the first one.
const WELL_AFTER: Duration = Duration::from_secs(10);

/// A Redis that is restarted whenever it exits, until [`Supervisor::stop`].
///
/// It keeps running when the shutdown of the process starts, because calls in flight still need it.
#[derive(Debug)]
pub(crate) struct Supervisor {
    stopping: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Supervisor {
    /// Starts Redis and waits until it is ready. None when `lifecycle` was asked to stop first.
    pub(crate) async fn start(
        redis: OwnRedis,
        lifecycle: &Lifecycle,
    ) -> anyhow::Result<Option<Self>> {
        let Some(child) = redis.start(&lifecycle.token()).await? else {
            return Ok(None);
        };
        let stopping = CancellationToken::new();
        let task = lifecycle.spawn(supervise(redis, child, stopping.clone()));
        Ok(Some(Self { stopping, task }))
    }

    /// Stops Redis and waits until it has saved its data.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stopping.cancel();
        self.task.await.context("look after Redis")?
    }
}

async fn supervise(
    redis: OwnRedis,
    child: Child,
    stopping: CancellationToken,
) -> anyhow::Result<()> {
    let mut running = Some(child);
    let mut pause = FIRST_PAUSE;
    while let Some(mut child) = running {
        let started = Instant::now();
        let status = tokio::select! {
            status = child.wait() => status.context("wait for Redis")?,
            () = stopping.cancelled() => return redis.stop(child).await,
        };
        tracing::warn!(%status, "Redis exited, restarting it");
        if started.elapsed() >= WELL_AFTER {
            pause = FIRST_PAUSE;
        }
        running = start_again(&redis, &mut pause, &stopping).await?;
    }
    Ok(())
}

/// Retries until Redis has started. `None` when it was stopped before.
async fn start_again(
    redis: &OwnRedis,
    pause: &mut Duration,
    stopping: &CancellationToken,
) -> anyhow::Result<Option<Child>> {
    loop {
        tokio::select! {
            () = sleep(*pause) => {}
            () = stopping.cancelled() => return Ok(None),
        }
        *pause = LONGEST_PAUSE.min(*pause * 2);
        match redis.start(stopping).await {
            Ok(started) => return Ok(started),
            Err(error) => tracing::error!(error = format!("{error:#}"), "Redis does not start"),
        }
    }
}
