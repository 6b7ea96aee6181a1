//! Why an attempt had no answer to speak of, in a word.

use std::fmt;

use serde::{Serialize, Serializer};

/// What went wrong with one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// Nobody took the connection: nothing was sent.
    NoConnection,
    /// No answer in time: it may have been done.
    TimeOut,
    /// The connection broke before the answer was whole: it may have been done.
    Broken,
    /// An answer with this status.
    Status(u16),
}

impl Cause {
    /// What reqwest's error comes to.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::TimeOut
        } else if error.is_connect() {
            Self::NoConnection
        } else {
            Self::Broken
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConnection => f.write_str("no_connection"),
            Self::TimeOut => f.write_str("time_out"),
            Self::Broken => f.write_str("broken"),
            Self::Status(status) => write!(f, "{status}"),
        }
    }
}

impl Serialize for Cause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
