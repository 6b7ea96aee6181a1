//! What every request passes through: id, span, access line, metrics, time-out, panics; and around the
//! API's own routes the body and load shedding.
//!
//! Two layers that do much: each keeps a copy of the request and a place of its own for what it waits
//! for, and while a few hundred wait for the store that is what fills the processor's cache.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

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
use tracing::{Instrument, info_span};

use crate::{
    args::Limits,
    http::{
        problem::{ApiError, Kind, PROBLEM_JSON},
        readiness::Readiness,
    },
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

/// What `follow` knows.
#[derive(Clone)]
struct Follower {
    readiness: Readiness,
    /// How long a request may take.
    limit: Duration,
}

/// Gives the request its id, its span, its one line in the log and its place in the metrics, ends it
/// when it takes too long or panics, and writes the problem that an error carries. Names the
/// connection's end while we drain.
async fn follow(
    State(follower): State<Follower>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let path = request.uri().path();
    // Looks at every object of a center: an operator's question, that may take its time.
    let patience = if path.ends_with("/consistency") { 12 } else { 1 };
    let quiet = matches!(path, "/healthz" | "/readyz" | "/metrics");
    let path: String = path.chars().take(200).collect();
    let method = method(request.method());
    let span = info_span!("request", request_id = %id, method = %request.method(), path);

    // Only until the head is there; the body of a stream may take for ever.
    let limit = follower.limit.saturating_mul(patience);
    let answer = async move {
        let answer = timeout(limit, next.run(request)).await;
        answer.unwrap_or_else(|_| timed_out().into_response())
    };
    let answer = AssertUnwindSafe(answer).catch_unwind().instrument(span.clone()).await;
    let mut response = answer.unwrap_or_else(|payload| panicked(&*payload).into_response());

    let (status, took) = (response.status(), started.elapsed());
    count(route.as_ref(), method, status, took);
    let error = response.extensions_mut().remove::<ApiError>();
    let _entered = span.enter();
    let (status, ms) = (status.as_u16(), took.as_secs_f64() * 1000.0);
    match error.as_ref().map(|error| (error.code(), error.cause())) {
        Some((problem, Some(cause))) => tracing::error!(status, ms, problem, cause, "request"),
        Some((problem, None)) if !quiet => tracing::info!(status, ms, problem, "request"),
        None if !quiet => tracing::info!(status, ms, "request"),
        _ => tracing::debug!(status, ms, "request"),
    }
    if let Some(error) = error {
        *response.body_mut() = axum::Json(error.problem(&id)).into_response().into_body();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        let value = HeaderValue::from_static(PROBLEM_JSON);
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if follower.readiness.is_draining() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
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

/// Tells what the metrics of [`count`] mean.
pub(crate) fn describe_metrics() {
    use metrics::{Unit, describe_counter, describe_histogram};
    describe_counter!("acd_http_requests_total", "HTTP requests answered");
    describe_histogram!(
        "acd_http_request_duration_seconds",
        Unit::Seconds,
        "Time until the head of the answer"
    );
}

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

/// How long a body may take to come.
const BODY: Duration = Duration::from_secs(2);

/// Reads the body, then takes a seat: whoever sends slowly holds up nobody but himself. Refuses what
/// would only wait for others.
async fn admit(
    State((limit, seats)): State<(usize, Arc<Semaphore>)>,
    request: Request,
    next: Next,
) -> Response {
    let (head, mut body) = request.into_parts();
    if !axum::body::HttpBody::is_end_stream(&body) {
        body = match timeout(BODY, axum::body::to_bytes(body, limit)).await {
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
