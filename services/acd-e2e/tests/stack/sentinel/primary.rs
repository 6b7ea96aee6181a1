//! The primary is lost.

use crate::{
    faults::{
        NOTHING,
        primary::{How, lose, wake_up_in_the_middle},
    },
    harness::{Engine, Tier},
};

#[test]
fn stopped() {
    lose(Tier::Sentinel(Engine::Redis), How::Stopped, NOTHING);
}

#[test]
fn killed() {
    lose(Tier::Sentinel(Engine::Redis), How::Killed, NOTHING);
}

#[test]
fn paused() {
    lose(Tier::Sentinel(Engine::Redis), How::Paused, NOTHING);
}

#[test]
fn woken_in_the_middle() {
    wake_up_in_the_middle(Tier::Sentinel(Engine::Redis), |_| {});
}
