//! An orderly switch.

use crate::{
    faults::by_hand,
    harness::{Engine, Tier},
};

#[test]
fn clients_go_on() {
    by_hand::switch(Tier::Cluster(Engine::Redis), |stack| {
        stack.fail_over(&["--home"]);
        stack.at_home();
        stack.agreed();
    });
}
