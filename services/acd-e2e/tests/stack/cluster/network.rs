//! The network is cut around a node.

use super::SLOTS_AND_HOME;
use crate::{
    faults::network::cut,
    harness::{Side, Tier},
};

#[test]
fn both_sides() {
    cut(Tier::Cluster, Side::Both, SLOTS_AND_HOME);
}
