//! Where the bootstrap of a node is.

use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::{cluster::now, refused::Refused};

/// Where a bootstrap is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Idle,
    Initiated,
    CreatingCluster,
    JoiningCluster,
    Completed,
    Error(Failure),
}

/// Why a bootstrap failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(super) code: String,
    pub(super) message: String,
}

impl Failure {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new("internal_error", format!("{error:#}"))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new("path_error", error.to_string())
    }
}

/// The bootstrap of this node.
#[derive(Debug)]
pub(crate) struct Bootstrap {
    status: Mutex<Status>,
}

#[derive(Clone, Debug)]
struct Status {
    state: State,
    start: Option<String>,
    end: Option<String>,
}

impl Bootstrap {
    pub(crate) fn new() -> Self {
        let status = Status { state: State::Idle, start: None, end: None };
        Self { status: Mutex::new(status) }
    }

    pub(super) fn set(&self, state: State) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        match &state {
            State::Initiated => (status.start, status.end) = (Some(now()), None),
            State::Completed | State::Error(_) => status.end = Some(now()),
            _ => {}
        }
        status.state = state;
    }

    /// This node had been in a cluster when it stopped.
    pub(crate) fn set_completed(&self) {
        self.set(State::Completed);
    }

    /// This node can't be used.
    pub(crate) fn set_broken(&self, why: &str) {
        self.set(State::Error(Failure::new("path_error", why)));
    }

    /// The `bootstrap_status` object.
    pub(crate) fn show(&self) -> Value {
        let status = self.status.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut shown = Map::new();
        let name = match &status.state {
            State::Idle => "idle",
            State::Initiated => "initiated",
            State::CreatingCluster => "creating_cluster",
            State::JoiningCluster => "joining_cluster",
            State::Completed => "completed",
            State::Error(failure) => {
                shown.insert("error_code".into(), json!(failure.code));
                shown.insert("error_details".into(), json!({ "message": failure.message }));
                "error"
            }
        };
        shown.insert("state".into(), json!(name));
        for (field, at) in [("start_time", status.start), ("end_time", status.end)] {
            if let Some(at) = at {
                shown.insert(field.into(), json!(at));
            }
        }
        Value::Object(shown)
    }

    /// Takes the node for a bootstrap, unless one is under way or was done.
    pub(super) fn begin(&self) -> Result<(), Refused> {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(status.state, State::Idle | State::Error(_)) {
            let sentence = "a bootstrap is in progress or was completed: look at its state";
            return Err(Refused::new(StatusCode::CONFLICT, "bootstrap_in_progress", sentence));
        }
        *status = Status { state: State::Initiated, start: Some(now()), end: None };
        Ok(())
    }
}
