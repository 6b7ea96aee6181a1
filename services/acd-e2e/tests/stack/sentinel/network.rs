//! The network is cut around the primary.

use crate::{
    faults::{NOTHING, network::cut},
    harness::{Engine, Side, Tier},
};

#[test]
fn both_sides() {
    cut(Tier::Sentinel(Engine::Redis), Side::Both, NOTHING);
}

#[test]
fn one_side_only() {
    cut(Tier::Sentinel(Engine::Redis), Side::Outgoing, NOTHING);
}
