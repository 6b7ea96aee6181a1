//! The time-outs and bounds of a request, from the innermost to the outermost, and of what it may hold.
//!
//! A request contains calls to the store (`acd_store::limits`), and is contained in what the balancers
//! wait for (`haproxy/*.cfg`). The assertions keep that order; a test keeps the balancers' values.

use std::time::Duration;

use acd_process::limits::{Limit, bytes, number, shorter, time};
use acd_store::limits::{PIPELINE_LIMIT, REDIS_DEADLINE, RESPONSE_TIMEOUT};

/// How long the body of a request may take to arrive.
pub const BODY: Duration = Duration::from_secs(2);

/// The default of `ACD_REQUEST_TIMEOUT`: how long a request may take until the head of its response.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// How many times longer `/consistency` may take: it reads every object of a center.
pub const CONSISTENCY_FACTOR: u32 = 12;

/// The default of `ACD_DRAIN_TIME`: how long a process serves after `/readyz` turned to 404.
pub const DRAIN_TIME: Duration = Duration::from_millis(1500);

/// The default of `ACD_DRAIN_GRACE`: how long requests in flight may take after that.
pub const DRAIN_GRACE: Duration = Duration::from_secs(10);

/// The time between two checks of the store for `/readyz`, and how long one may take.
pub const READINESS_INTERVAL: Duration = Duration::from_millis(500);
/// How long a check of the store for `/readyz` may take.
pub const READINESS_TIMEOUT: Duration = Duration::from_secs(1);
/// How many checks in a row must fail before `/readyz` does.
pub const READINESS_FAILURES: u32 = 2;

/// The time from the end of one request of a connection to the end of the next one's head. Longer than
/// the balancers keep an idle connection, so that the API never closes one on which a request is under
/// way.
pub const IDLE_CONNECTION: Duration = Duration::from_secs(75);

/// The pause after an accept that failed, most often for want of file descriptors.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The time between two comments on an event stream without events.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long a client waits before it connects to an event stream again.
pub const STREAM_RETRY: Duration = Duration::from_secs(1);

/// How long the reader of a center's event log waits for an event before it looks whether a stream
/// still needs it.
pub const TAIL_WAIT: Duration = Duration::from_secs(1);

/// The pause after an event log could not be read.
pub const TAIL_PAUSE: Duration = Duration::from_millis(250);

/// The value of `Retry-After` of a 503, in seconds.
pub const RETRY_AFTER_S: &str = "1";

/// The default of `ACD_BODY_LIMIT`: the largest request body, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;
/// The smallest value of `ACD_BODY_LIMIT`: attributes, and what is around them.
pub const MIN_BODY_LIMIT: usize = 20 * 1024;
/// The size of `attributes`, in bytes.
pub const MAX_ATTRIBUTES: usize = 16 * 1024;
/// The length of a first or last name, in characters.
pub const MAX_NAME: usize = 100;
/// The length of an `Idempotency-Key`.
pub const MAX_IDEMPOTENCY_KEY: usize = 255;
/// The highest priority of a contact; the lowest is its negative.
pub const MAX_PRIORITY: i64 = 100;
/// The most items of a page.
pub const MAX_PAGE: i64 = 500;
/// The items of a page when a request does not say how many.
pub const DEFAULT_PAGE: usize = 100;
/// The length of the `detail` of a problem, in characters, as it may quote the request.
pub const MAX_DETAIL: usize = 300;

/// The default of `ACD_MAX_REQUESTS`: concurrent requests of a process.
pub const MAX_REQUESTS: usize = 1024;
/// The default of `ACD_MAX_STREAMS`: open event streams of a process.
pub const MAX_STREAMS: usize = 1000;
/// Concurrent connections of a process; more wait in the kernel's queue.
pub const MAX_CONNECTIONS: usize = 10_000;
/// How many events a stream may be behind before it reads the log again.
pub const STREAM_BUFFER: usize = 1024;
/// How many events are read from the log at once.
pub const STREAM_PAGE: usize = 500;

/// What `haproxy/00-global.cfg` and `haproxy/10-api.cfg` set. A test compares.
mod balancer {
    use std::time::Duration;

    /// `timeout http-request`: how long head and body of a request may take.
    pub(super) const HTTP_REQUEST: Duration = Duration::from_secs(5);
    /// `timeout http-keep-alive`.
    pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(30);
    /// `timeout server` of the backend `api`.
    pub(super) const REPEATABLE: Duration = Duration::from_secs(1);
    /// `timeout server` of the backend `api_once`.
    pub(super) const ONCE: Duration = Duration::from_secs(7);
    /// `set-timeout server` of `/consistency`.
    pub(super) const CONSISTENCY: Duration = Duration::from_secs(65);
    /// `set-timeout server` of event streams.
    pub(super) const STREAM: Duration = Duration::from_secs(60);
    /// `inter` of `default-server`.
    pub(super) const CHECK_INTERVAL: Duration = Duration::from_millis(200);
    /// `fall` of `default-server`.
    pub(super) const CHECK_FALL: u32 = 2;
    /// The number of servers of `server-template`.
    pub(super) const REPLICAS: usize = 16;
}

/// How long the load balancer of a process needs to see that it drains, and a second.
const DRAIN_SEEN: Duration = balancer::CHECK_INTERVAL
    .saturating_mul(balancer::CHECK_FALL)
    .saturating_add(Duration::from_secs(1));

const CONSISTENCY_TIMEOUT: Duration = REQUEST_TIMEOUT.saturating_mul(CONSISTENCY_FACTOR);

// The last attempt of a call may begin just before its deadline.
const _: () = assert!(shorter(REDIS_DEADLINE.saturating_add(PIPELINE_LIMIT), REQUEST_TIMEOUT));
const _: () = assert!(shorter(RESPONSE_TIMEOUT, balancer::REPEATABLE));
const _: () = assert!(shorter(balancer::REPEATABLE, REQUEST_TIMEOUT));
const _: () = assert!(shorter(REQUEST_TIMEOUT, balancer::ONCE));
const _: () = assert!(shorter(CONSISTENCY_TIMEOUT, balancer::CONSISTENCY));
const _: () = assert!(shorter(BODY, balancer::HTTP_REQUEST));
const _: () = assert!(shorter(HEARTBEAT, balancer::STREAM));
const _: () = assert!(shorter(balancer::KEEP_ALIVE, IDLE_CONNECTION));
const _: () = assert!(shorter(REQUEST_TIMEOUT, DRAIN_GRACE));
const _: () = assert!(shorter(DRAIN_SEEN, DRAIN_TIME));
const _: () = assert!(shorter(READINESS_INTERVAL, READINESS_TIMEOUT));
const _: () = assert!(MAX_ATTRIBUTES < MIN_BODY_LIMIT && MIN_BODY_LIMIT <= BODY_LIMIT);

/// The time that a request to `path` may take.
pub(crate) fn of_request(limit: Duration, path: &str) -> Duration {
    let factor = if path.ends_with("/consistency") { CONSISTENCY_FACTOR } else { 1 };
    limit.saturating_mul(factor)
}

/// The sizes and counts, for the reference.
pub fn counts() -> Vec<Limit> {
    let priority = format!("\u{2212}{MAX_PRIORITY} to {MAX_PRIORITY}");
    let names = format!("{MAX_NAME} characters");
    let key = format!("1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters");
    let body = format!("{} (`ACD_BODY_LIMIT`)", bytes(BODY_LIMIT));
    let requests = format!("{} (`ACD_MAX_REQUESTS`)", number(MAX_REQUESTS));
    let streams = format!("{} (`ACD_MAX_STREAMS`)", number(MAX_STREAMS));
    let connections = format!("{}; more wait in the kernel's queue", number(MAX_CONNECTIONS));
    vec![
        Limit::new("`priority`", priority),
        Limit::new("`attributes`", bytes(MAX_ATTRIBUTES)),
        Limit::new("first name, last name", names),
        Limit::new("`Idempotency-Key`", key),
        Limit::new("request body", body),
        Limit::new("items of a page", format!("{MAX_PAGE}; {DEFAULT_PAGE} by default")),
        Limit::new("concurrent requests of an API process", requests),
        Limit::new("event streams of an API process", streams),
        Limit::new("connections of an API process", connections),
        Limit::new("API replicas behind the balancers", balancer::REPLICAS.to_string()),
    ]
}

/// The time-outs from the innermost to the outermost, for the reference.
pub fn times() -> Vec<Limit> {
    let request = format!(
        "{} (`ACD_REQUEST_TIMEOUT`); `/consistency` {CONSISTENCY_FACTOR} times that",
        time(REQUEST_TIMEOUT)
    );
    let repeatable = format!("{}, then another replica is tried", time(balancer::REPEATABLE));
    vec![
        Limit::new("a request body", time(BODY)),
        Limit::new("a request", request),
        Limit::new("head and body of a request at the balancer", time(balancer::HTTP_REQUEST)),
        Limit::new("a repeatable request at the balancer", repeatable),
        Limit::new("any other request at the balancer", time(balancer::ONCE)),
        Limit::new("`/consistency` at the balancer", time(balancer::CONSISTENCY)),
        Limit::new("the heartbeat of an event stream", time(HEARTBEAT)),
        Limit::new("a silent event stream at the balancer", time(balancer::STREAM)),
        Limit::new("an idle connection of a client at the balancer", time(balancer::KEEP_ALIVE)),
        Limit::new("an idle connection at the API", time(IDLE_CONNECTION)),
        Limit::new("a check of Redis for `/readyz`", time(READINESS_TIMEOUT)),
        Limit::new(
            "serving after `/readyz` turned to 404",
            format!("{} (`ACD_DRAIN_TIME`)", time(DRAIN_TIME)),
        ),
        Limit::new(
            "requests in flight after that",
            format!("{} (`ACD_DRAIN_GRACE`)", time(DRAIN_GRACE)),
        ),
    ]
}

#[cfg(test)]
mod tests;
