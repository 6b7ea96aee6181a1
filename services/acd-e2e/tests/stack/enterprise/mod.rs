//! The data tier is Redis Enterprise, or its emulator.

mod a_start;
mod access;
mod api;
mod balancer;
mod browser;
mod dispatcher;
mod node;
mod plain;
mod set_up;
mod simulator;

use crate::harness::{Stack, Tier, on_tier};

fn on_stack(name: &str, test: impl FnOnce(&Stack)) {
    on_tier(Tier::Enterprise, name, test);
}
