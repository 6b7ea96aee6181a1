//! The scripts.

use crate::{
    faults::start,
    harness::{Engine, Tier},
};

#[test]
fn from_nothing_again_and_after_a_stop() {
    start::from_nothing_again_and_after_a_stop(Tier::Sentinel(Engine::Redis));
}
