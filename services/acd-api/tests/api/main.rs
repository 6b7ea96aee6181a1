//! The HTTP contract by example, against a real server on a real Redis: each test has its own.
#![expect(clippy::unwrap_used, reason = "what is not as it should be ends a test")]

mod agents;
mod app;
mod balancer;
mod centers;
mod classic;
mod contacts;
mod examples;
mod operations;
mod reports;
mod streams;
