//! The life of the API role: serve, drain, stop.

use std::{pin::pin, time::Duration};

use acd_process::{lifecycle::Lifecycle, metric, telemetry};
use acd_store::Store;
use anyhow::{Context, bail};
use tokio::{net::TcpListener, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{self, App},
    args::{Args, Limits},
    http::{connections, layers, readiness::Readiness},
    streams::Streams,
};

/// Serves the API until the life ends, then drains.
///
/// # Errors
/// When the address can't be had, or requests were still running when the grace was over.
pub async fn run(args: Args, store: Store, lifecycle: &Lifecycle) -> anyhow::Result<()> {
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("ACD_LISTEN: listen on {}", args.listen))?;
    serve(listener, &args.limits, store, lifecycle).await
}

/// The same on a listener that the caller made.
///
/// When the life ends: `/readyz` turns to 404 and everything is still served, each answer with
/// `Connection: close`, for [`Limits::drain_time`]; then nothing is accepted any more, streams end,
/// and what runs has [`Limits::drain_grace`] to finish.
///
/// # Errors
/// When the limits contradict each other, or requests were still running when the grace was over.
pub async fn serve(
    listener: TcpListener,
    limits: &Limits,
    store: Store,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    limits.check().map_err(anyhow::Error::msg)?;
    let metrics = telemetry::metrics(lifecycle)?;
    metric::describe(layers::METRICS);
    metric::describe(acd_store::scrape::METRICS);
    let readiness = Readiness::of(store.clone(), lifecycle);
    let closing = CancellationToken::new();
    let seats = limits.max_streams;
    let streams = Streams::new(store.clone(), lifecycle.clone(), closing.clone(), seats);
    let app = App { store, streams, readiness: readiness.clone(), metrics };
    let router = app::router(app, limits);

    tracing::info!(address = %listener.local_addr()?, "serving HTTP");
    let mut server = pin!(connections::serve(listener, router, closing.clone()));

    tokio::select! {
        () = &mut server => {}
        () = lifecycle.stopping() => readiness.drain(),
    }
    tracing::info!(ms = millis(limits.drain_time), "draining: still serving, no longer ready");
    // The server must be driven to accept; it does not end before `closing`.
    let _ = timeout(limits.drain_time, &mut server).await;
    closing.cancel();
    tracing::info!(ms = millis(limits.drain_grace), "finishing what is in flight");
    if timeout(limits.drain_grace, server).await.is_err() {
        bail!("requests were still running {:?} after the drain", limits.drain_grace);
    }
    Ok(())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
