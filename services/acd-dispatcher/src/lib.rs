//! The dispatcher: a loop for each partition that waits for the doorbell and matches contacts and agents.
//!
//! Any number of dispatchers can run at the same time. The work is stored in Redis, and the script that
//! does it also removes it there. So a dispatcher has no state that could be lost with it.

mod args;
pub mod limits;
mod partition;
mod probe;
mod pulse;
mod reach;
mod tally;

use std::sync::Arc;

use acd_process::{lifecycle::Lifecycle, listener, telemetry};
use acd_store::Store;
use anyhow::Context;
use tokio::{net::TcpListener, task::JoinSet};

pub use args::{Args, Listen};
pub use tally::METRICS;

/// The state that all loops of a dispatcher share.
struct Shared {
    store: Store,
    args: Args,
    pulse: pulse::Pulse,
    reach: reach::Reach,
    tally: tally::Tally,
}

/// Dispatches until `lifecycle` is asked to stop; every loop finishes the step it is in.
///
/// # Errors
/// When the listen address can't be bound, or a loop ended by itself (a bug).
pub async fn run(args: Args, store: Store, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    let listener = match args.dispatcher_listen.address() {
        Some(address) => {
            let bound = TcpListener::bind(address).await;
            Some(bound.with_context(|| format!("ACD_DISPATCHER_LISTEN: listen on {address}"))?)
        }
        None => None,
    };
    serve(listener, args, store, lifecycle).await
}

/// The same, with health and metrics on a listener that the caller made.
///
/// # Errors
/// When a loop ended by itself (a bug).
pub async fn serve(
    listener: Option<TcpListener>,
    args: Args,
    store: Store,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    // Also without a listener of ours: in one process with the API it is the API's that shows them.
    let metrics = telemetry::metrics(lifecycle)?;
    tally::describe();
    let partitions = store.partitions();
    let shared = Arc::new(Shared {
        pulse: pulse::Pulse::new(partitions, args.dispatch_stalled_after),
        reach: reach::Reach::new(partitions),
        tally: tally::Tally::default(),
        store,
        args,
    });
    if let Some(listener) = listener {
        let dispatching = probe::Dispatching { shared: Arc::clone(&shared), metrics };
        listener::start(listener, Arc::new(dispatching), lifecycle)?;
    }

    let mut loops = JoinSet::new();
    for number in 0..partitions {
        loops.spawn(partition::run(number, Arc::clone(&shared), lifecycle.token()));
    }
    tracing::info!(partitions, "dispatching");
    let ended = tokio::select! {
        ended = all(&mut loops, lifecycle) => ended,
        () = summarize(&shared) => Ok(()),
    };
    shared.tally.log_summary("dispatcher stopped");
    ended
}

/// Waits for every loop; one that ends although nothing asked it to takes the process with it,
/// because a partition that nobody looks after is worse than a restart.
async fn all(loops: &mut JoinSet<()>, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    while let Some(ended) = loops.join_next().await {
        if ended.is_err() || !lifecycle.is_stopping() {
            lifecycle.stop();
            ended.context("a dispatch loop failed")?;
            anyhow::bail!("a dispatch loop ended by itself");
        }
    }
    Ok(())
}

/// Logs a summary once in [`limits::SUMMARY_INTERVAL`], if anything was assigned.
async fn summarize(shared: &Shared) {
    loop {
        tokio::time::sleep(limits::SUMMARY_INTERVAL).await;
        shared.tally.log_progress();
    }
}
