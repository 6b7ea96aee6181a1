//! A node is lost, with a primary and another's replica.

use super::SLOTS_AND_HOME;
use crate::{
    faults::primary::{How, lose, wake_up_in_the_middle},
    harness::{Engine, Tier},
};

#[test]
fn stopped() {
    lose(Tier::Cluster(Engine::Redis), How::Stopped, SLOTS_AND_HOME);
}

#[test]
fn killed() {
    lose(Tier::Cluster(Engine::Redis), How::Killed, SLOTS_AND_HOME);
}

#[test]
fn paused() {
    lose(Tier::Cluster(Engine::Redis), How::Paused, SLOTS_AND_HOME);
}

#[test]
fn woken_in_the_middle() {
    wake_up_in_the_middle(Tier::Cluster(Engine::Redis), SLOTS_AND_HOME.back);
}
