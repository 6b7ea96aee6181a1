//! The primary is lost.

use crate::{
    faults::{
        NOTHING,
        primary::{How, lose},
    },
    harness::Tier,
};

#[test]
fn stopped() {
    lose(Tier::Sentinel, How::Stopped, NOTHING);
}

#[test]
fn killed() {
    lose(Tier::Sentinel, How::Killed, NOTHING);
}

#[test]
fn paused() {
    lose(Tier::Sentinel, How::Paused, NOTHING);
}
