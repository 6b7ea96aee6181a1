//! Three primaries and their replicas.

use crate::{
    cluster::SLOTS_AND_HOME,
    faults::primary::{How, lose},
    harness::{Engine, Tier},
};

#[test]
fn primary_killed() {
    lose(Tier::Cluster(Engine::Valkey), How::Killed, SLOTS_AND_HOME);
}
