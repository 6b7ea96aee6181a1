//! Both balancers are lost, one after the other.

use crate::{
    faults::balancer,
    harness::{Engine, Tier},
};

#[test]
fn both_killed_in_turn() {
    balancer::both_in_turn(Tier::Cluster(Engine::Redis));
}
