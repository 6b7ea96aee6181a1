//! The network is cut around a node.

use super::SLOTS_AND_HOME;
use crate::{
    faults::network::cut,
    harness::{Engine, Side, Tier},
};

#[test]
fn both_sides() {
    cut(Tier::Cluster(Engine::Redis), Side::Both, SLOTS_AND_HOME);
}

#[test]
fn one_side_only() {
    cut(Tier::Cluster(Engine::Redis), Side::Outgoing, SLOTS_AND_HOME);
}
