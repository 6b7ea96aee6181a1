//! The highly available stack, as an operator and a client meet it: the project's own scripts, real
//! containers, real balancers, and faults under load. It needs Docker, and minutes: without
//! `ACD_TEST_STACK=1` every test here is ignored, and that is said.
//!
//! There is one stack, on one data tier at a time. [`PLAN`] is the order in which the tests run: each
//! tier is started once, all of its tests run on that stack, each leaves it whole for the next, and the
//! last one removes it. A name on the command line selects tests (`sentinel::` a whole tier); one alone
//! finds the stack that is there, or makes it. `ACD_TEST_REPEAT=5` repeats every fault that an open-source
//! tier survives.
//!
//! What is measured is in `artifacts/availability.md` (enterprise) and `artifacts/failover.md` (the
//! other tiers), how long each test took in `artifacts/stack-times.txt`, and what the containers said
//! when a test failed in `artifacts/stack/<test>`.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does"
)]

mod cluster;
mod enterprise;
mod faults;
mod scripts;
mod sentinel;

use std::process::ExitCode;

use acd_e2e::{containers as harness, tests};

use crate::{
    faults::{balancers, by_hand, network, plain, primary, server},
    harness::{Engine, Part, Test, Tier, run_plan},
};

const FROM_NOTHING: &[Test] = tests![scripts::a_start_from_nothing];
/// Compose alone, then the scripts.
const PLAIN_THEN_SCRIPTS: &[Test] =
    tests![plain::at_once, plain::one_by_one_the_data_last, scripts::a_start_from_nothing,];
const AGAIN: &[Test] =
    tests![scripts::a_second_start_changes_nothing, scripts::a_stop_and_a_start_keep_everything];
/// What each tier with replicas has to survive.
const FAULTS: &[Test] = tests![
    balancers::both_killed_in_turn,
    by_hand::clients_go_on,
    primary::stopped,
    primary::killed,
    primary::paused,
    primary::woken_in_the_middle,
    network::both_sides,
    network::one_side_only,
];
/// What the tier with one server has to survive.
const SERVER_KILLED: &[Test] = tests![server::killed_and_back_with_everything];
const REMOVED: &[Test] = tests![scripts::stop_with_volumes_leaves_nothing];

/// The order of all tests. Valkey's tiers test what depends on the servers themselves.
const PLAN: &[Part] = &[
    Part {
        tier: Tier::Enterprise,
        starts: enterprise::STARTS,
        tests: &[AGAIN, enterprise::TESTS],
        ends: REMOVED,
    },
    Part {
        tier: Tier::Sentinel(Engine::Redis),
        starts: FROM_NOTHING,
        tests: &[AGAIN, FAULTS, sentinel::TESTS],
        ends: REMOVED,
    },
    Part {
        tier: Tier::Cluster(Engine::Redis),
        starts: PLAIN_THEN_SCRIPTS,
        tests: &[AGAIN, FAULTS, cluster::TESTS],
        ends: REMOVED,
    },
    Part {
        tier: Tier::Single(Engine::Redis),
        starts: FROM_NOTHING,
        tests: &[AGAIN, SERVER_KILLED],
        ends: REMOVED,
    },
    Part {
        tier: Tier::Sentinel(Engine::Valkey),
        starts: FROM_NOTHING,
        tests: &[AGAIN, tests![primary::killed]],
        ends: REMOVED,
    },
    Part {
        tier: Tier::Cluster(Engine::Valkey),
        starts: FROM_NOTHING,
        tests: &[tests![primary::killed]],
        ends: REMOVED,
    },
    Part {
        tier: Tier::Single(Engine::Valkey),
        starts: FROM_NOTHING,
        tests: &[SERVER_KILLED],
        ends: REMOVED,
    },
];

fn main() -> ExitCode {
    run_plan(PLAN)
}
