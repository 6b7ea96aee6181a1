//! The store against a real Redis.
#![expect(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

mod batches;
mod documents;
mod durability;
mod harness;
mod history;
mod memory;
mod model;
mod operations;
mod proxied;
mod routing;
