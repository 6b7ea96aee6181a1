//! The whole, as an operator and a client meet it: real processes on real Redis servers, which are
//! killed, stopped and cut off while clients work. Nothing here knows how the inside looks.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does"
)]

use acd_e2e::processes as harness;

mod audit;
mod availability;
mod cluster;
mod crashes;
mod datastore;
mod documents;
mod durability;
mod follower;
mod history;
mod lifecycle;
mod load;
mod outage;
mod resync;
mod sentinel;
mod shutdown;
mod tls;
