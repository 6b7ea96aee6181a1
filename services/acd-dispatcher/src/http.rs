//! The dispatcher's own small listener: health and metrics.

use std::sync::Arc;

use acd_process::{lifecycle::Lifecycle, telemetry};
use acd_store::scrape::{EXPOSITION, exposition};
use anyhow::Context;
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    routing::get,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::Shared;

type Answer = (StatusCode, Json<Value>);

/// Serves until `lifecycle` is asked to stop.
pub(crate) fn start(
    listener: TcpListener,
    shared: Arc<Shared>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    let address = listener.local_addr().context("read the address we listen on")?;
    let router = router(shared, lifecycle)?;
    let stopping = lifecycle.token().cancelled_owned();
    lifecycle.spawn(async move {
        let serving = axum::serve(listener, router).with_graceful_shutdown(stopping);
        if let Err(error) = serving.await {
            tracing::error!(%error, "the health and metrics listener failed");
        }
    });
    tracing::info!(%address, "health and metrics");
    Ok(())
}

fn router(shared: Arc<Shared>, lifecycle: &Lifecycle) -> anyhow::Result<Router> {
    let metrics = telemetry::metrics(lifecycle)?;
    let store = shared.store.clone();
    let ready_state = (Arc::clone(&shared), lifecycle.token());
    Ok(Router::new()
        .route("/readyz", get(readyz).with_state(ready_state))
        .route("/healthz", get(healthz).with_state(shared))
        .route(
            "/metrics",
            get(async move || ([(CONTENT_TYPE, EXPOSITION)], exposition(&metrics, &store).await)),
        ))
}

/// Fails when a loop hangs, which a restart would mend; a Redis that is away is no reason.
async fn healthz(State(shared): State<Arc<Shared>>) -> Answer {
    let stalled = shared.pulse.stalled();
    if stalled.is_empty() {
        (StatusCode::OK, Json(json!({ "status": "ok" })))
    } else {
        let body = json!({ "status": "stalled", "partitions": stalled });
        (StatusCode::SERVICE_UNAVAILABLE, Json(body))
    }
}

/// Fails while a partition can't be reached (503) and once the process is leaving (404).
async fn readyz(State((shared, stopping)): State<(Arc<Shared>, CancellationToken)>) -> Answer {
    let lost = shared.reach.lost();
    if stopping.is_cancelled() {
        (StatusCode::NOT_FOUND, Json(json!({ "status": "draining" })))
    } else if lost.is_empty() {
        (StatusCode::OK, Json(json!({ "status": "ready" })))
    } else {
        let body = json!({ "status": "redis_lost", "partitions": lost });
        (StatusCode::SERVICE_UNAVAILABLE, Json(body))
    }
}
