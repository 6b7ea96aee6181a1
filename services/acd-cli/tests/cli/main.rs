//! The executable as a user meets it: real processes, real signals, a real Redis.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does"
)]

mod flags;
mod healthcheck;
mod standalone;
mod support;
