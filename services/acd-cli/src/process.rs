//! Shared by all long-running subcommands: logging, runtime, signals and an orderly shutdown.

use std::{process::ExitCode, time::Duration};

use acd_process::{lifecycle::Lifecycle, telemetry::LogArgs};
use acd_store::{RedisArgs, Store};
use anyhow::Context;

use crate::usage::Usage;

/// How long background tasks may take to end after the role has ended.
const GRACE: Duration = Duration::from_secs(10);

/// Runs `role` until it ends. SIGTERM and SIGINT start its shutdown.
pub(crate) fn run<R>(log: &LogArgs, role: R) -> anyhow::Result<ExitCode>
where
    R: AsyncFnOnce(&Lifecycle) -> anyhow::Result<ExitCode>,
{
    log.install().map_err(|error| Usage(format!("{error:#}")))?;
    runtime()?.block_on(async {
        let lifecycle = Lifecycle::new();
        lifecycle.stop_on_signals()?;
        let ended = role(&lifecycle).await;
        lifecycle.stop();
        let finished = lifecycle.finished(GRACE).await;
        if let Some(failure) = lifecycle.failure() {
            anyhow::bail!("{failure:#}");
        }
        let code = ended?;
        anyhow::ensure!(finished, "some tasks did not end within {GRACE:?}");
        Ok(code)
    })
}

/// A store on the Redis that `args` name. Invalid arguments are reported as [`Usage`].
pub(crate) async fn connect(args: &RedisArgs, lifecycle: &Lifecycle) -> anyhow::Result<Store> {
    let store = Store::connect(args, lifecycle).await;
    store.map_err(|error| Usage(format!("the Redis settings: {error:#}")).into())
}

/// The runtime of the process.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("start the async runtime")
}
