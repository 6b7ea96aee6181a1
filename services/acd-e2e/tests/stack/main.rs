//! The highly available stack, as an operator and a client meet it: the project's own scripts, real
//! containers, real balancers, and faults under load. It needs Docker, and minutes: without
//! `ACD_TEST_STACK=1` every test here is skipped, and says so.
//!
//! There is one stack, so one test runs at a time, in the order of their names: the first makes the
//! stack from nothing, each leaves it whole for the next, the last removes it. One alone finds the
//! stack that is there, or makes it. What is measured is in `artifacts/availability.md`, and what the
//! containers said when a test failed in `artifacts/stack/<test>`.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does"
)]

mod a_start;
mod access;
mod api;
mod balancer;
mod browser;
mod dispatcher;
mod harness;
mod node;
mod simulator;
mod volumes;
