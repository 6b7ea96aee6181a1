//! What every request passes through: id, span, access line, metrics, time-out, panics; and around the
//! API's own routes the body and load shedding.
//!
//! Two layers that do much: each keeps a copy of the request and a place of its own for what it waits
//! for, and while a few hundred wait for the store that is what fills the processor's cache.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use acd_process::metric::{Metric, MetricKind};
use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};
use tower::ServiceBuilder;
use tracing::{Instrument, Span, info_span};

use crate::{
    args::Limits,
    http::{
        problem::{ApiError, Kind, PROBLEM_JSON},
        readiness::Readiness,
    },
    limits,
};

const REQUEST_ID: &str = "x-request-id";

/// Around everything.
pub(crate) fn around_all<S>(router: Router<S>, limits: &Limits, readiness: Readiness) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let follower = Follower { readiness, limit: limits.request_timeout };
    router.layer(from_fn_with_state(follower, follow))
}

/// Around what costs something; probes and metrics must answer under load, too.
pub(crate) fn around_api<S>(router: Router<S>, limits: &Limits) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let seats = Arc::new(Semaphore::new(limits.max_requests));
    router.layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state((limits.body_limit, seats), admit))
            // Bounded by `admit` already, and that limit may be larger than axum's own.
            .layer(DefaultBodyLimit::disable()),
    )
}

/// The state of the outer layer.
#[derive(Clone)]
struct Follower {
    readiness: Readiness,
    /// How long a request may take.
    limit: Duration,
}

/// The outer layer. One function, and so one future, around `next`; each of its jobs is a function of
/// its own that does not wait, except [`within`].
async fn follow(
    State(follower): State<Follower>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let (quiet, method) = (is_probe(request.uri().path()), method(request.method()));
    let limit = limits::of_request(follower.limit, request.uri().path());
    let span = span(&id, &request);

    let response = within(limit, next.run(request)).instrument(span.clone()).await;

    let mut response = response.unwrap_or_else(IntoResponse::into_response);
    let (status, took) = (response.status(), started.elapsed());
    count(route.as_ref(), method, status, took);
    let error = response.extensions_mut().remove::<ApiError>();
    span.in_scope(|| log(status, took, error.as_ref(), quiet));
    if let Some(error) = error {
        write_problem(&mut response, &error, &id);
    }
    write_headers(&mut response, &id, follower.readiness.is_draining());
    response
}

/// The requests of probes and scrapers, which are logged at the level `debug`.
fn is_probe(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/metrics")
}

/// The span of a request, with the first 200 characters of its path.
fn span(id: &str, request: &Request) -> Span {
    let path: String = request.uri().path().chars().take(200).collect();
    info_span!("request", request_id = %id, method = %request.method(), path)
}

/// Waits for the head of the response; the body of a stream has no limit.
///
/// # Errors
/// When the head took longer than `limit`, or the handler panicked.
fn within(
    limit: Duration,
    response: impl Future<Output = Response>,
) -> impl Future<Output = Result<Response, ApiError>> {
    // No async function: that would hold `response` twice.
    AssertUnwindSafe(timeout(limit, response)).catch_unwind().map(|ended| match ended {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(_)) => Err(timed_out()),
        Err(payload) => Err(panicked(&*payload)),
    })
}

/// Writes the access line of a request. A request that failed for a cause of the server's own is an
/// error.
fn log(status: StatusCode, took: Duration, error: Option<&ApiError>, quiet: bool) {
    let (status, ms) = (status.as_u16(), took.as_secs_f64() * 1000.0);
    match error.map(|error| (error.code(), error.cause())) {
        Some((problem, Some(cause))) => tracing::error!(status, ms, problem, cause, "request"),
        Some((problem, None)) if !quiet => tracing::info!(status, ms, problem, "request"),
        None if !quiet => tracing::info!(status, ms, "request"),
        _ => tracing::debug!(status, ms, "request"),
    }
}

/// Writes the problem that a response carries as its body.
fn write_problem(response: &mut Response, error: &ApiError, id: &str) {
    *response.body_mut() = axum::Json(error.problem(id)).into_response().into_body();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
}

/// Adds the request's id, and `Connection: close` while the process drains.
fn write_headers(response: &mut Response, id: &str, draining: bool) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    if draining {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

/// The id that came with the request, when it is fit for a log line; else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let fit = |id: &&str| (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
    given.filter(fit).map_or_else(|| uuid::Uuid::now_v7().to_string(), ToOwned::to_owned)
}

/// Counts an answer by route template, method and status, all of closed sets.
fn count(route: Option<&MatchedPath>, method: &'static str, status: StatusCode, took: Duration) {
    let route = route.map_or("none", MatchedPath::as_str).to_owned();
    let labels =
        [("route", route), ("method", method.to_owned()), ("status", status.as_str().to_owned())];
    metrics::counter!("acd_http_requests_total", &labels).increment(1);
    metrics::histogram!("acd_http_request_duration_seconds", &labels).record(took);
}

/// A method of the closed set that a metric's label may have.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The metrics of HTTP requests.
pub const METRICS: &[Metric] = &[
    Metric {
        name: "acd_http_requests_total",
        labels: &["route", "method", "status"],
        kind: MetricKind::Counter,
        help: "HTTP requests",
    },
    Metric {
        name: "acd_http_request_duration_seconds",
        labels: &["route", "method", "status"],
        kind: MetricKind::Histogram,
        help: "time until the head of the response",
    },
];

/// A message of a panic, as the cause of an error.
#[derive(Debug)]
struct Panic(String);

impl std::fmt::Display for Panic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "panic: {}", self.0)
    }
}

impl std::error::Error for Panic {}

fn panicked(payload: &(dyn Any + Send)) -> ApiError {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
    ApiError::internal().caused_by(Panic(text.to_owned()))
}

fn timed_out() -> ApiError {
    ApiError::new(
        Kind::TimedOut,
        "This took too long, and may or may not have been done. Repeat it; with an id or an \
         Idempotency-Key of your own nothing can happen twice.",
    )
}

/// Reads the body, then takes a seat: whoever sends slowly holds up nobody but himself. Refuses what
/// would only wait for others.
async fn admit(
    State((limit, seats)): State<(usize, Arc<Semaphore>)>,
    request: Request,
    next: Next,
) -> Response {
    let (head, mut body) = request.into_parts();
    if !axum::body::HttpBody::is_end_stream(&body) {
        body = match timeout(limits::BODY, axum::body::to_bytes(body, limit)).await {
            Ok(Ok(body)) => body.into(),
            Ok(Err(error)) => return unreadable(&error).into_response(),
            Err(_) => {
                let detail = "The body did not come within two seconds. Nothing was done.";
                return ApiError::new(Kind::BodyTooSlow, detail).into_response();
            }
        };
    }
    let Ok(_seat) = seats.try_acquire() else {
        let detail = "As many requests as this server takes at once are running. Try again.";
        return ApiError::new(Kind::Overloaded, detail).into_response();
    };
    next.run(Request::from_parts(head, body)).await
}

fn unreadable(error: &axum::Error) -> ApiError {
    let too_large = std::error::Error::source(error)
        .is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>);
    if too_large {
        ApiError::new(Kind::BodyTooLarge, "The body is larger than is accepted here.")
    } else {
        ApiError::new(Kind::MalformedRequest, "The body ended early or can't be read.")
    }
}

/// The answer to a path that nothing is at.
pub(crate) async fn no_such_route() -> ApiError {
    ApiError::new(Kind::NoSuchRoute, "Nothing is at this path; /docs shows what there is.")
}

/// The answer to a method that a path does not have; axum adds the header `Allow`.
pub(crate) async fn method_not_allowed() -> ApiError {
    ApiError::new(Kind::MethodNotAllowed, "This path has other methods, see the header Allow.")
}

#[cfg(test)]
mod tests;
