//! One HTTP call: repeated while that can help, and told apart when it can't.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use acd_core::ids::CenterId;
use acd_process::{backoff::Backoff, chain::chain};
use reqwest::{Client, Method, StatusCode, Url, header};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Cause;

/// How long calls are repeated once we were asked to stop: enough to tidy up past a hiccup.
const RETRY_WHEN_STOPPING: Duration = Duration::from_secs(2);
/// The longest that one attempt of a call may take, unless we were told otherwise.
const ATTEMPT: Duration = Duration::from_secs(10);
/// A connection whose other end is gone without a word (a balancer that lost its address) would keep
/// a stream of events waiting for ever: ask it, and give it up after so many silent answers.
const KEEPALIVE: Duration = Duration::from_secs(1);
const KEEPALIVE_PROBES: u32 = 3;

/// Why a call has no result.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The server understood and refused.
    #[error("refused with {status} {code}: {detail}")]
    Refused { status: u16, code: String, detail: String },
    /// No answer in spite of every attempt.
    #[error("no answer after {attempts} attempts: {last}")]
    Unavailable { attempts: u32, last: String },
    /// An answer that is not what the API promises.
    #[error("an answer that can't be read: {0}")]
    Broken(String),
}

impl CallError {
    /// True when the state of the contact does not allow what was asked.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { status: 409, .. })
    }
}

/// The API of one ACD; shared by all callers, as are its connections.
#[derive(Debug)]
pub(crate) struct Api {
    client: Client,
    root: String,
    center: CenterId,
    attempt_limit: Duration,
    retry_for: Duration,
    stopping: CancellationToken,
    retries: Mutex<BTreeMap<Cause, u64>>,
}

/// The pauses before a call, or the connection to the event stream, is repeated.
pub(crate) const fn backoff() -> Backoff {
    Backoff::new(Duration::from_millis(50), Duration::from_secs(2))
}

/// One call, as often as it is sent.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Option<Vec<u8>>,
    /// The `Idempotency-Key`.
    pub(super) key: Option<String>,
    /// The longest that one attempt may take.
    pub(super) limit: Duration,
}

/// What one attempt came to.
enum Attempt {
    Answered(Vec<u8>),
    Failed(CallError),
    Again { cause: Cause, why: String, after: Option<Duration> },
}

impl Attempt {
    /// The connection failed us.
    fn no_answer(error: &reqwest::Error) -> Self {
        Self::Again { cause: Cause::of(error), why: chain(error), after: None }
    }
}

/// The part of a problem document that we show.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    r#type: String,
    title: String,
    detail: String,
}

impl Api {
    /// Calls to `url`, most of them about `center`.
    pub(crate) fn new(
        url: &Url,
        center: CenterId,
        retry_for: Duration,
        stopping: CancellationToken,
    ) -> anyhow::Result<Self> {
        let client = Client::builder()
            .user_agent(concat!("acd-simulator/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(2))
            .tcp_nodelay(true)
            .tcp_keepalive(KEEPALIVE)
            .tcp_keepalive_interval(KEEPALIVE)
            .tcp_keepalive_retries(KEEPALIVE_PROBES)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let root = url.as_str().trim_end_matches('/').to_owned();
        let attempt_limit = ATTEMPT;
        let retries = Mutex::default();
        Ok(Self { client, root, center, attempt_limit, retry_for, stopping, retries })
    }

    /// The same with another limit for one attempt of a call.
    pub(crate) fn with_attempts_of(self, attempt_limit: Duration) -> Self {
        Self { attempt_limit, ..self }
    }

    /// How many attempts were repeated so far.
    pub(crate) fn retries(&self) -> u64 {
        self.retries_by_cause().values().sum()
    }

    /// The same by what went wrong with the attempt before.
    pub(crate) fn retries_by_cause(&self) -> BTreeMap<Cause, u64> {
        self.retries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn count_retry(&self, cause: Cause) {
        let mut retries = self.retries.lock().unwrap_or_else(PoisonError::into_inner);
        *retries.entry(cause).or_default() += 1;
    }

    /// A call to `path` without a body.
    pub(super) fn call(&self, method: Method, path: String) -> Call {
        Call { method, path, body: None, key: None, limit: self.attempt_limit }
    }

    /// The path of `rest` within the center.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/v1/centers/{}{rest}", self.center)
    }

    /// Sends `body` to `path` and reads the answer.
    pub(super) async fn send<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        method: Method,
        path: String,
        body: &B,
    ) -> Result<T, CallError> {
        self.json(self.call(method, path).with_body(body)?).await
    }

    /// Makes a call and reads the answer.
    pub(super) async fn json<T: DeserializeOwned>(&self, call: Call) -> Result<T, CallError> {
        parse(&self.bytes(call).await?)
    }

    /// Makes a call that must not be repeated.
    pub(super) async fn once<T: DeserializeOwned>(&self, call: Call) -> Result<T, CallError> {
        match self.attempt(&call).await {
            Attempt::Answered(bytes) => parse(&bytes),
            Attempt::Failed(error) => Err(error),
            Attempt::Again { why, .. } => Err(CallError::Unavailable { attempts: 1, last: why }),
        }
    }

    /// Reads something that need not be there.
    pub(super) async fn get_optional<T: DeserializeOwned>(
        &self,
        path: String,
    ) -> Result<Option<T>, CallError> {
        match self.json(self.call(Method::GET, path)).await {
            Ok(found) => Ok(Some(found)),
            Err(CallError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends and receives bytes, again and again while that can help: with doubling pauses, or the
    /// pause that the server asks for.
    pub(super) async fn bytes(&self, call: Call) -> Result<Vec<u8>, CallError> {
        let begun = Instant::now();
        let mut backoff = backoff();
        for attempts in 1.. {
            let (cause, last, after) = match self.attempt(&call).await {
                Attempt::Answered(bytes) => return Ok(bytes),
                Attempt::Failed(error) => return Err(error),
                Attempt::Again { cause, why, after } => (cause, why, after),
            };
            let pause = backoff.delay();
            let wait = after.unwrap_or(pause);
            let budget = if self.stopping.is_cancelled() {
                self.retry_for.min(RETRY_WHEN_STOPPING)
            } else {
                self.retry_for
            };
            if begun.elapsed() + wait > budget {
                return Err(CallError::Unavailable { attempts, last });
            }
            let (method, path) = (&call.method, &call.path);
            tracing::debug!(%method, path, attempts, error = last, "repeating a call");
            self.count_retry(cause);
            tokio::time::sleep(wait).await;
        }
        unreachable!("the loop above ends by returning")
    }

    async fn attempt(&self, call: &Call) -> Attempt {
        let url = format!("{}{}", self.root, call.path);
        let mut request = self.client.request(call.method.clone(), url).timeout(call.limit);
        if let Some(body) = &call.body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.clone());
        }
        if let Some(key) = &call.key {
            request = request.header("idempotency-key", key);
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_builder() => {
                return Attempt::Failed(CallError::Broken(chain(&error)));
            }
            Err(error) => return Attempt::no_answer(&error),
        };
        let (status, after) = (response.status(), retry_after(&response));
        let bytes = match response.bytes().await {
            Ok(bytes) => bytes,
            Err(error) => return Attempt::no_answer(&error),
        };
        if status.is_success() {
            Attempt::Answered(bytes.into())
        } else if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            let cause = Cause::Status(status.as_u16());
            Attempt::Again { cause, why: refusal(status, &bytes).to_string(), after }
        } else {
            Attempt::Failed(refusal(status, &bytes))
        }
    }

    /// Opens a stream of server-sent events.
    pub(super) async fn stream(
        &self,
        path: String,
        last_event_id: Option<String>,
    ) -> Result<reqwest::Response, CallError> {
        let url = format!("{}{path}", self.root);
        let mut request = self.client.get(url).header(header::ACCEPT, "text/event-stream");
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let unavailable = |last| CallError::Unavailable { attempts: 1, last };
        let opened = tokio::time::timeout(self.attempt_limit, request.send()).await;
        let response = opened
            .map_err(|_| unavailable("the event stream did not open in time".to_owned()))?
            .map_err(|error| unavailable(chain(&error)))?;
        let status = response.status();
        if status == StatusCode::OK {
            return Ok(response);
        }
        Err(refusal(status, &response.bytes().await.unwrap_or_default()))
    }
}

impl Call {
    /// The same with a body.
    pub(super) fn with_body(mut self, body: &(impl Serialize + ?Sized)) -> Result<Self, CallError> {
        let body =
            serde_json::to_vec(body).map_err(|error| CallError::Broken(error.to_string()))?;
        self.body = Some(body);
        Ok(self)
    }

    /// The same with an `Idempotency-Key`.
    pub(super) fn with_key(self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self }
    }
}

/// An answer as what it should be.
fn parse<T: DeserializeOwned>(answer: &[u8]) -> Result<T, CallError> {
    serde_json::from_slice(answer).map_err(|error| {
        let start = String::from_utf8_lossy(&answer[..answer.len().min(200)]).into_owned();
        CallError::Broken(format!("{error} in {start}"))
    })
}

/// What the server said when it said no.
fn refusal(status: StatusCode, body: &[u8]) -> CallError {
    let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
    let code = match problem.r#type.rsplit('/').next() {
        None | Some("") => status.canonical_reason().unwrap_or_default(),
        Some(code) => code,
    };
    let code = code.to_owned();
    let detail = if problem.detail.is_empty() { problem.title } else { problem.detail };
    CallError::Refused { status: status.as_u16(), code, detail }
}

/// The pause that the server asks for, a minute at most.
fn retry_after(response: &reqwest::Response) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(Duration::from_secs(60)))
}
