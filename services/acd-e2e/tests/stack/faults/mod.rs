//! The faults that the open-source tiers have to survive, each under load through the virtual address.

pub(crate) mod balancers;
pub(crate) mod by_hand;
pub(crate) mod network;
pub(crate) mod plain;
pub(crate) mod primary;
pub(crate) mod server;

use std::time::Duration;

use crate::{
    cluster,
    harness::{Stack, Tier},
};

/// How long the servers may take to elect another primary. Machines are shared: what it took is told.
pub(crate) const PROMOTED: Duration = Duration::from_secs(60);

/// What a tier wants to be asked besides, in the middle of a fault.
#[derive(Clone, Copy)]
pub(crate) struct Also {
    /// Before the first round.
    pub(crate) before: fn(&Stack),
    /// While the lost one is away.
    pub(crate) away: fn(&Stack),
    /// Once it is back, still under load.
    pub(crate) back: fn(&Stack),
}

/// Nothing besides.
const NOTHING: Also = Also { before: |_| {}, away: |_| {}, back: |_| {} };

impl Also {
    /// What this stack's tier wants to be asked.
    pub(crate) fn of(stack: &Stack) -> Self {
        match stack.tier() {
            Tier::Cluster(_) => cluster::SLOTS_AND_HOME,
            _ => NOTHING,
        }
    }
}
