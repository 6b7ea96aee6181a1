//! What the commands that measure share: latencies, tables, progress, and the report at the end.

pub mod check;
pub mod latency;
pub mod output;
pub mod progress;
pub mod table;

/// What the caller got wrong, beyond what the form of a flag tells.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Misuse(pub String);

/// A prefix of ids and keys that no other run has, so that runs don't meet.
pub fn prefix(kind: &str) -> String {
    format!("{kind}-{:08x}-", rand::random::<u32>())
}
