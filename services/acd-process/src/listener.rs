//! An HTTP listener for health and metrics, for roles that serve no API.

use std::{future::Future, sync::Arc};

use anyhow::Context;
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::lifecycle::Lifecycle;

/// The content type of metrics in Prometheus's text format.
pub const EXPOSITION: &str = "text/plain; version=0.0.4";

type Answer = (StatusCode, Json<Value>);

/// What a role reports about itself.
pub trait Probe: Send + Sync + 'static {
    /// A fault that a restart would fix: the body of a 503 on `/healthz`. `None` when there is none.
    fn sick(&self) -> Option<Value>;
    /// Why the role can't do its work now: the body of a 503 on `/readyz`. `None` when it can.
    fn unready(&self) -> Option<Value>;
    /// The metrics in Prometheus's text format.
    fn metrics(&self) -> impl Future<Output = String> + Send;
}

/// Serves `/healthz`, `/readyz` and `/metrics` until the shutdown starts.
///
/// # Errors
/// When the address of the listener can't be read.
pub fn start<P: Probe>(
    listener: TcpListener,
    probe: Arc<P>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    let address = listener.local_addr().context("read the address of the listener")?;
    let router = router(probe, lifecycle.token());
    let stopping = lifecycle.token().cancelled_owned();
    lifecycle.spawn(async move {
        let serving = axum::serve(listener, router).with_graceful_shutdown(stopping);
        if let Err(error) = serving.await {
            tracing::error!(%error, "the health and metrics listener failed");
        }
    });
    tracing::info!(%address, "serving health and metrics");
    Ok(())
}

fn router<P: Probe>(probe: Arc<P>, stopping: CancellationToken) -> Router {
    let ready_state = (Arc::clone(&probe), stopping);
    Router::new()
        .route("/readyz", get(readyz::<P>).with_state(ready_state))
        .route("/healthz", get(healthz::<P>))
        .route("/metrics", get(metrics::<P>))
        .with_state(probe)
}

async fn healthz<P: Probe>(State(probe): State<Arc<P>>) -> Answer {
    verdict(probe.sick(), "ok")
}

/// 404 once the shutdown has started.
async fn readyz<P: Probe>(State((probe, stopping)): State<(Arc<P>, CancellationToken)>) -> Answer {
    if stopping.is_cancelled() {
        return (StatusCode::NOT_FOUND, Json(json!({ "status": "draining" })));
    }
    verdict(probe.unready(), "ready")
}

async fn metrics<P: Probe>(State(probe): State<Arc<P>>) -> Response {
    ([(CONTENT_TYPE, EXPOSITION)], probe.metrics().await).into_response()
}

fn verdict(wrong: Option<Value>, fine: &str) -> Answer {
    match wrong {
        None => (StatusCode::OK, Json(json!({ "status": fine }))),
        Some(body) => (StatusCode::SERVICE_UNAVAILABLE, Json(body)),
    }
}
