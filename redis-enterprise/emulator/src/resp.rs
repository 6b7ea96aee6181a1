//! The Redis protocol: commands of clients, replies of shards, and a small client of our own.

mod client;
mod command;
mod reply;

pub(crate) use client::Client;
pub(crate) use command::{Command, next_command};
pub(crate) use reply::{Framer, Value, elements};

/// What can't be read as the protocol.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Protocol error: {}", self.0)
    }
}

impl std::error::Error for Malformed {}

/// The position after the line that begins at `at`, and the line; none while it is incomplete.
fn line(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = bytes.get(at..)?;
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let text = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
    Some((text, at + end + 1))
}

fn number(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
