//! A primary, two replicas, three Sentinels.

use crate::{
    faults::{
        NOTHING,
        primary::{How, lose},
        start,
    },
    harness::{Engine, Tier},
};

#[test]
fn a_start_from_nothing_again_and_after_a_stop() {
    start::from_nothing_again_and_after_a_stop(Tier::Sentinel(Engine::Valkey));
}

#[test]
fn primary_killed() {
    lose(Tier::Sentinel(Engine::Valkey), How::Killed, NOTHING);
}
