//! Health checks and metrics.

use acd_process::listener::EXPOSITION;
use acd_store::{Store, scrape};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    extract::Json,
    problem::{ApiError, Kind, PROBLEM_JSON, Problem},
    readiness::{self, Readiness},
};

/// The state of the process.
#[derive(Serialize, ToSchema)]
pub(crate) struct Status {
    /// The state: `ok` or `ready`.
    #[schema(value_type = String, examples("ok"))]
    status: &'static str,
}

/// Reports that the process runs.
#[utoipa::path(
    get, path = "/healthz", tag = "operations",
    responses((status = 200, description = "The process runs", body = Status))
)]
pub(crate) async fn healthz() -> Json<Status> {
    Json(Status { status: "ok" })
}

/// Reports whether this process accepts requests.
#[utoipa::path(
    get, path = "/readyz", tag = "operations",
    responses(
        (status = 200, description = "The process accepts requests", body = Status),
        (status = 404, description = "`draining`: the process shuts down. It finishes requests that have started",
            body = Problem, content_type = PROBLEM_JSON),
        (status = 503, description = "`unavailable`: the database does not answer",
            body = Problem, content_type = PROBLEM_JSON),
    )
)]
pub(crate) async fn readyz(State(readiness): State<Readiness>) -> Result<Json<Status>, ApiError> {
    match readiness.state() {
        readiness::State::Ready => Ok(Json(Status { status: "ready" })),
        readiness::State::Draining => {
            Err(ApiError::new(Kind::Draining, "This server is going out of service."))
        }
        readiness::State::Unable => {
            Err(ApiError::new(Kind::Unavailable, "The database does not answer."))
        }
    }
}

/// Returns metrics of the process and of the first 100 centers in the Prometheus text format.
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain"))
)]
pub(crate) async fn metrics(
    State(handle): State<PrometheusHandle>,
    State(store): State<Store>,
) -> Response {
    let mut text = handle.render();
    scrape::centers(&mut text, &store).await;
    ([(header::CONTENT_TYPE, EXPOSITION)], text).into_response()
}

/// An answer like that to a new contact.
const CONSTANT: &str = concat!(
    r#"{"id":"0197a5b2-7f6e-7cc3-98c4-dc0c0c07398f","center":"bench","state":"queued","#,
    r#""skills":["skill-1","skill-2"],"priority":0,"attributes":null,"#,
    r#""queued_at":"2026-11-21T07:30:00.000Z","assigned_at":null,"ended_at":null,"agent":null,"#,
    r#""reason":null,"requeues":0,"position":1,"estimated_wait_s":null}"#,
);

/// What HTTP alone costs, for benchmarks: reads the body, answers a constant.
pub(crate) async fn constant(_body: axum::body::Bytes) -> Response {
    (axum::http::StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], CONSTANT)
        .into_response()
}
