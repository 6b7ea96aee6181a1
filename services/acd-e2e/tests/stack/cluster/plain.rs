//! Docker Compose without the scripts.

use crate::{
    faults::plain,
    harness::{Engine, Tier},
};

#[test]
fn at_once() {
    plain::at_once(Tier::Cluster(Engine::Redis));
}

#[test]
fn one_by_one_the_data_last() {
    plain::one_by_one(Tier::Cluster(Engine::Redis));
}
