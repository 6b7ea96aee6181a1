//! How a store call fails.
//!
//! A [`Refusal`] is an expected answer of the domain and goes to the client as it is. Everything
//! else is a fault: [`StoreError::Unavailable`] may be over when it is tried again (every
//! operation may be), [`StoreError::Broken`] will not. The cause of a fault is for the log only.

use std::sync::Arc;

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// What the domain does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The center is not there.
    #[error("there is no such center")]
    NoSuchCenter,
    /// The contact is not there, or no longer kept.
    #[error("there is no such contact in this center")]
    NoSuchContact,
    /// The agent is not there.
    #[error("there is no such agent in this center")]
    NoSuchAgent,
    /// The contact's state does not allow it.
    #[error("the contact is {state}")]
    StateConflict {
        /// The state it is in.
        state: String,
    },
    /// The agent has a contact.
    #[error("the agent has a contact: complete or requeue it first, or use force=true")]
    AgentBusy,
    /// The agent would have more skills than one may have.
    #[error("an agent has at most {} skills", acd_core::skill::MAX_SKILLS)]
    TooManySkills,
    /// The cursor is none that a list gave.
    #[error("the cursor is none that this list gave")]
    BadCursor,
}

impl Refusal {
    /// The refusal in a word, for machines.
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

    /// The refusal that a script's error stands for; the codes are a closed set.
    fn from_script(error: &RedisError) -> Option<Self> {
        if error.kind() != ErrorKind::Extension {
            return None;
        }
        Self::from_code(error.code()?, error.detail().unwrap_or_default())
    }

    /// The refusal that a script's code stands for.
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

/// What a fault came from; shared by the calls that failed with it.
type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// Why a store call failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The domain does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Redis could not be reached, or not in time. Safe to try again.
    #[error("the store can't be reached now")]
    Unavailable(#[source] Cause),
    /// Redis answered what should not be possible.
    #[error("the store gave an answer that makes no sense")]
    Broken(#[source] Cause),
}

impl StoreError {
    pub(crate) fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Broken(Arc::from(cause.into()))
    }

    /// A fault that may be over when it is tried again.
    pub fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(cause.into()))
    }
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        match Refusal::from_script(&error) {
            Some(refusal) => Self::Refused(refusal),
            // Out of memory: passing, but not while anybody waits for it.
            None if is_passing(&error) || error.code() == Some("OOM") => Self::unavailable(error),
            None => Self::broken(error),
        }
    }
}

/// True for what a failover, a restart or an overloaded server says: trying again may help.
pub(crate) fn is_passing(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Io
        | ErrorKind::ClusterConnectionNotFound
        | ErrorKind::MasterNameNotFoundBySentinel
        | ErrorKind::NoValidReplicasFoundBySentinel
        | ErrorKind::AuthenticationFailed
        // The rest of a broken connection's answer: what comes next is read on a new one.
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

/// True when the connection that gave this error is not to be used again: it is gone, or leads
/// to a server that is not (or no longer) the one that takes writes.
pub(crate) fn spoils_connection(error: &RedisError) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::Server(ServerErrorKind::NoScript | ServerErrorKind::TryAgain)
    ) && !matches!(error.code(), Some("BUSY" | "MISCONF"))
        && is_passing(error)
}

/// Parts of the texts with which Redis refuses a command that was made wrong, in lower case. An error
/// of a script names the script (`script: <sha>, on @user_script:7.`).
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

/// True for a plain `-ERR …` that is not known to say that the command was wrong.
///
/// A proxy in front of the shards, such as Redis Enterprise's, answers so while a shard fails over, in
/// words that are documented nowhere.
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
