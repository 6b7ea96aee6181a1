//! One HTTP call: repeated while that can help, and told apart when it can't.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use acd::ids::CenterId;
use reqwest::{Client, Method, StatusCode, Url, header};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The first pause before a call is repeated; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long calls are repeated once we were asked to stop: enough to tidy up past a hiccup.
const RETRY_WHEN_STOPPING: Duration = Duration::from_secs(2);

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
    retry_for: Duration,
    stopping: CancellationToken,
    retries: AtomicU64,
}

/// What one attempt came to.
enum Attempt {
    Answered(Vec<u8>),
    Failed(CallError),
    Again { why: String, after: Option<Duration> },
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
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let root = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { client, root, center, retry_for, stopping, retries: AtomicU64::new(0) })
    }

    /// How many attempts were repeated so far.
    pub(crate) fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// The path of `rest` within the center.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/v1/centers/{}{rest}", self.center)
    }

    /// Sends `body` and reads the answer.
    pub(super) async fn json<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        method: Method,
        path: String,
        body: Option<&B>,
        limit: Duration,
    ) -> Result<T, CallError> {
        let body = body.map(serde_json::to_vec).transpose();
        let body = body.map_err(|error| CallError::Broken(error.to_string()))?;
        let answer = self.bytes(method, path, body, limit).await?;
        serde_json::from_slice(&answer).map_err(|error| {
            let start = String::from_utf8_lossy(&answer[..answer.len().min(200)]).into_owned();
            CallError::Broken(format!("{error} in {start}"))
        })
    }

    /// Reads something that need not be there.
    pub(super) async fn get_optional<T: DeserializeOwned>(
        &self,
        path: String,
    ) -> Result<Option<T>, CallError> {
        match self.json(Method::GET, path, None::<&()>, super::CALL).await {
            Ok(found) => Ok(Some(found)),
            Err(CallError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends and receives bytes, again and again while that can help: with doubling pauses, or the
    /// pause that the server asks for.
    pub(super) async fn bytes(
        &self,
        method: Method,
        path: String,
        body: Option<Vec<u8>>,
        limit: Duration,
    ) -> Result<Vec<u8>, CallError> {
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        for attempts in 1.. {
            let (last, after) = match self.attempt(&method, &path, body.as_ref(), limit).await {
                Attempt::Answered(bytes) => return Ok(bytes),
                Attempt::Failed(error) => return Err(error),
                Attempt::Again { why, after } => (why, after),
            };
            let wait = after.unwrap_or_else(|| pause.mul_f64(0.5 + rand::random::<f64>() / 2.0));
            let budget = if self.stopping.is_cancelled() {
                self.retry_for.min(RETRY_WHEN_STOPPING)
            } else {
                self.retry_for
            };
            if begun.elapsed() + wait > budget {
                return Err(CallError::Unavailable { attempts, last });
            }
            tracing::debug!(%method, path, attempts, error = last, "repeating a call");
            self.retries.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(wait).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        unreachable!("the loop above ends by returning")
    }

    async fn attempt(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Vec<u8>>,
        limit: Duration,
    ) -> Attempt {
        let url = format!("{}{path}", self.root);
        let mut request = self.client.request(method.clone(), url).timeout(limit);
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.clone());
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_builder() => {
                return Attempt::Failed(CallError::Broken(chain(&error)));
            }
            Err(error) => {
                return Attempt::Again { why: chain(&error), after: None };
            }
        };
        let (status, after) = (response.status(), retry_after(&response));
        let bytes = match response.bytes().await {
            Ok(bytes) => bytes,
            Err(error) => {
                return Attempt::Again { why: chain(&error), after: None };
            }
        };
        if status.is_success() {
            Attempt::Answered(bytes.into())
        } else if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            Attempt::Again { why: refusal(status, &bytes).to_string(), after }
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
        let opened = tokio::time::timeout(super::CALL, request.send()).await;
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

/// An error with its causes: reqwest's own text leaves out why.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
