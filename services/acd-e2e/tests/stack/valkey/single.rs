//! One server.

use crate::{
    faults::only,
    harness::{Engine, Tier},
};

#[test]
fn killed() {
    only::killed(Tier::Single(Engine::Valkey));
}
