//! An orderly switch.

use crate::{
    faults::by_hand,
    harness::{Engine, Tier},
};

#[test]
fn clients_go_on() {
    by_hand::switch(Tier::Sentinel(Engine::Redis), |_| {});
}
