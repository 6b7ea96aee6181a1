//! Errors of store calls.
//!
//! A [`Refusal`] is an expected outcome of the domain, and clients see its text. Everything else is a
//! fault. [`StoreError::Unavailable`] is transient: a retry may succeed, and every operation is safe to
//! retry. [`StoreError::Broken`] is permanent. The cause of a fault is written to the log only.

use std::sync::Arc;

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// An operation that the rules of the domain do not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The center does not exist.
    #[error("there is no such center")]
    NoSuchCenter,
    /// The contact does not exist, or its retention time has passed.
    #[error("there is no such contact in this center")]
    NoSuchContact,
    /// The agent does not exist.
    #[error("there is no such agent in this center")]
    NoSuchAgent,
    /// The state of the contact does not allow the operation.
    #[error("the contact is {state}")]
    StateConflict {
        /// The current state of the contact.
        state: String,
    },
    /// The agent is busy with a contact.
    #[error("the agent has a contact: complete or requeue it first, or use force=true")]
    AgentBusy,
    /// The agent would have more skills than an agent may have.
    #[error("an agent has at most {} skills", acd_core::skill::MAX_SKILLS)]
    TooManySkills,
    /// The cursor was not returned by this list.
    #[error("the cursor is not one that this list returned")]
    BadCursor,
}

impl Refusal {
    /// The machine-readable code of the refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchCenter => "no_such_center",
            Self::NoSuchContact => "no_such_contact",
            Self::NoSuchAgent => "no_such_agent",
            Self::StateConflict { .. } => "state_conflict",
            Self::AgentBusy => "agent_busy",
            Self::TooManySkills => "too_many_skills",
            Self::BadCursor => "bad_cursor",
        }
    }

    /// The refusal for the error of a script. The codes are a closed set.
    fn from_script(error: &RedisError) -> Option<Self> {
        if error.kind() != ErrorKind::Extension {
            return None;
        }
        Self::from_code(error.code()?, error.detail().unwrap_or_default())
    }

    /// The refusal for the error code of a script.
    pub(crate) fn from_code(code: &str, detail: &str) -> Option<Self> {
        Some(match code {
            "NO_CENTER" => Self::NoSuchCenter,
            "NO_CONTACT" => Self::NoSuchContact,
            "NO_AGENT" => Self::NoSuchAgent,
            "CONFLICT" => Self::StateConflict { state: detail.to_owned() },
            "AGENT_BUSY" => Self::AgentBusy,
            "TOO_MANY_SKILLS" => Self::TooManySkills,
            _ => return None,
        })
    }
}

/// The cause of a fault, shared by all calls that failed with it.
type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// Why a store call failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The rules of the domain do not allow the operation.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Redis could not be reached, or did not answer in time. Safe to retry.
    #[error("the store is unavailable")]
    Unavailable(#[source] Cause),
    /// Redis gave a reply that is not expected of any correct state.
    #[error("the store gave an unexpected reply")]
    Broken(#[source] Cause),
}

impl StoreError {
    pub(crate) fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Broken(Arc::from(cause.into()))
    }

    /// A transient fault with this cause.
    pub fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(cause.into()))
    }
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        match Refusal::from_script(&error) {
            Some(refusal) => Self::Refused(refusal),
            // Out of memory is transient, but lasts too long for a retry within the call.
            None if is_passing(&error) || error.code() == Some("OOM") => Self::unavailable(error),
            None => Self::broken(error),
        }
    }
}

/// True for a transient error, such as those during a failover, a restart or an overload: a retry may
/// succeed.
pub(crate) fn is_passing(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Io
        | ErrorKind::ClusterConnectionNotFound
        | ErrorKind::MasterNameNotFoundBySentinel
        | ErrorKind::NoValidReplicasFoundBySentinel
        | ErrorKind::AuthenticationFailed
        // A reply that was cut short by a lost connection; the retry uses a new connection.
        | ErrorKind::Parse => true,
        ErrorKind::Server(kind) => matches!(
            kind,
            ServerErrorKind::BusyLoading
                | ServerErrorKind::Moved
                | ServerErrorKind::Ask
                | ServerErrorKind::TryAgain
                | ServerErrorKind::ClusterDown
                | ServerErrorKind::MasterDown
                | ServerErrorKind::ReadOnly
        ),
        ErrorKind::Extension => matches!(
            error.code(),
            Some("BUSY" | "NOREPLICAS" | "MISCONF" | "UNBLOCKED" | "NOAUTH" | "WRONGPASS" | "UNKILLABLE")
        ),
        _ => false,
    }
}

/// True when the connection must not be used again after this error: it is lost, or leads to a server
/// that does not, or no longer, take writes.
pub(crate) fn spoils_connection(error: &RedisError) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::Server(ServerErrorKind::NoScript | ServerErrorKind::TryAgain)
    ) && !matches!(error.code(), Some("BUSY" | "MISCONF"))
        && is_passing(error)
}

/// Parts of Redis's error messages for an invalid command, in lower case. The error of a script names
/// the script (`script: <sha>, on @user_script:7.`).
const MISTAKES: [&str; 11] = [
    "user_script",
    "compiling script",
    "number of keys",
    "wrong number of arguments",
    "unknown command",
    "unknown subcommand",
    "syntax error",
    "not an integer",
    "not a valid float",
    "invalid stream id",
    "not allowed",
];

/// True for a plain `-ERR …` whose text is not one of [`MISTAKES`].
///
/// A proxy in front of the shards, such as that of Redis Enterprise, gives such errors while a shard
/// fails over. Their texts are not documented.
pub(crate) fn is_unknown(error: &RedisError) -> bool {
    let plain = error.kind() == ErrorKind::Server(ServerErrorKind::ResponseError);
    let text = error.detail().unwrap_or_default().to_ascii_lowercase();
    plain && !MISTAKES.iter().any(|part| text.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(line: &str) -> RedisError {
        let answer = redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
        answer.extract_error().unwrap_err()
    }

    #[test]
    fn an_error_is_unknown_when_it_does_not_say_what_was_wrong() {
        for line in ["ERR", "ERR no route to shard", "ERR Server is closing the connection"] {
            assert!(is_unknown(&answered(line)), "{line}");
        }
        for line in [
            "ERR wrong number of arguments for 'evalsha' command",
            "ERR unknown command 'FOO', with args beginning with: ",
            "ERR syntax error",
            "ERR value is not an integer or out of range",
            "ERR Invalid stream ID specified as stream command argument",
            "ERR Error compiling script (new function): user_script:1: '=' expected near 'x'",
            "ERR user_script:3: Script attempted to access nonexistent global variable 'x' script: \
             0a1b, on @user_script:3.",
            "ERR Number of keys can't be greater than number of args",
            "ERR SELECT is not allowed on this database",
            "WRONGTYPE Operation against a key holding the wrong kind of value",
            "NOSCRIPT No matching script.",
            "MASTERDOWN Link with MASTER is down",
            "NO_CENTER there is none",
        ] {
            assert!(!is_unknown(&answered(line)), "{line}");
        }
    }
}
