//! The highly available stack, as an operator and a client meet it: the project's own scripts, real
//! containers, real balancers, and faults under load. It needs Docker, and minutes: without
//! `ACD_TEST_STACK=1` every test here is skipped, and says so.
//!
//! There is one stack, on one data tier, so one test runs at a time, in the order of their names:
//! those of a tier stand together, so that each tier is started once. The first test of a tier makes
//! it from nothing, each leaves it whole for the next, the very last removes it. One alone finds the
//! tier that is there, or makes it. `ACD_TEST_REPEAT=5` repeats every fault that a tier survives.
//!
//! What is measured is in `artifacts/availability.md` (enterprise) and `artifacts/failover.md` (the
//! other tiers), and what the containers said when a test failed in `artifacts/stack/<test>`.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does"
)]

mod cluster;
mod enterprise;
mod faults;
mod harness;
mod sentinel;
mod single;
mod valkey;
mod volumes;
