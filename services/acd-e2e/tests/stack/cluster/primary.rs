//! A node is lost, with a primary and another's replica.

use super::SLOTS_AND_HOME;
use crate::{
    faults::primary::{How, lose},
    harness::Tier,
};

#[test]
fn stopped() {
    lose(Tier::Cluster, How::Stopped, SLOTS_AND_HOME);
}

#[test]
fn killed() {
    lose(Tier::Cluster, How::Killed, SLOTS_AND_HOME);
}

#[test]
fn paused() {
    lose(Tier::Cluster, How::Paused, SLOTS_AND_HOME);
}
