//! The only server dies.

use crate::{
    faults::only,
    harness::{Engine, Tier},
};

#[test]
fn comes_back_with_everything() {
    only::killed(Tier::Single(Engine::Redis));
}
