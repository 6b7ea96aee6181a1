//! The network is cut around the primary.

use crate::{
    faults::{NOTHING, network::cut},
    harness::{Side, Tier},
};

#[test]
fn both_sides() {
    cut(Tier::Sentinel, Side::Both, NOTHING);
}

#[test]
fn one_side_only() {
    cut(Tier::Sentinel, Side::Outgoing, NOTHING);
}
