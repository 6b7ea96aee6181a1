//! The data tier is a cluster: three primaries and their replicas on three nodes.

mod access;
mod lost_disk;
mod slots;

use acd_e2e::tests;

use crate::{
    faults::Also,
    harness::{Stack, Test, say},
};

/// What only this tier has, and has to survive.
pub(crate) const TESTS: &[Test] = tests![
    access::only_primaries_are_behind_the_access_point,
    access::centers_are_spread_over_the_primaries,
    lost_disk::its_replica_keeps_what_it_has,
];

/// Keys of all slots are there whatever happens, and in the end each node has a primary.
pub(crate) const SLOTS_AND_HOME: Also =
    Also { before: slots::write, away: slots::read, back: home };

fn home(stack: &Stack) {
    slots::read(stack);
    bring_home(stack);
}

/// `scripts/failover.sh --home`: who came back is a replica until then.
pub(crate) fn bring_home(stack: &Stack) {
    say("bringing the primaries home");
    stack.fail_over(&["--home"]);
    stack.at_home();
    stack.agreed();
}
