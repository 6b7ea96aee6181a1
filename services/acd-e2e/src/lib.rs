//! The harness of the black-box tests. They meet the product as an operator and a client do, and know
//! nothing of its inside.
//!
//! - [`processes`]: the real binary and real Redis servers, as processes of this machine.
//! - [`containers`]: the highly available stack, started by the project's own scripts.
//! - [`wait`]: waiting for something with a deadline, for both.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a helper of tests fails as a test does: it panics"
)]

pub mod containers;
pub mod processes;
pub mod wait;
