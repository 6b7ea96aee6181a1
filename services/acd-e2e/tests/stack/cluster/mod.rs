//! The data tier is a cluster: three primaries and their replicas on three nodes.

mod a_start;
mod access;
mod balancers;
mod by_hand;
mod lost_disk;
mod network;
mod plain;
mod primary;
mod slots;

use crate::{
    faults::Also,
    harness::{Stack, say},
};

/// Keys of all slots are there whatever happens, and in the end each node has a primary.
pub(crate) const SLOTS_AND_HOME: Also =
    Also { before: slots::write, away: slots::read, back: home };

/// `scripts/failover.sh --home`: who came back is a replica until then.
fn home(stack: &Stack) {
    slots::read(stack);
    say("bringing the primaries home");
    stack.fail_over(&["--home"]);
    stack.at_home();
    stack.agreed();
}
