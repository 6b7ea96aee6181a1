//! The data tier is what Sentinel watches, made of Valkey.

use crate::{
    faults::{
        NOTHING,
        primary::{How, lose},
        start,
    },
    harness::Tier,
};

#[test]
fn a_start_from_nothing_again_and_after_a_stop() {
    start::from_nothing_again_and_after_a_stop(Tier::Valkey);
}

#[test]
fn primary_killed() {
    lose(Tier::Valkey, How::Killed, NOTHING);
}
