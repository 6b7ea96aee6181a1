//! The faults that several data tiers have to survive, each under load through the virtual address.

pub(crate) mod balancer;
pub(crate) mod by_hand;
pub(crate) mod network;
pub(crate) mod only;
pub(crate) mod plain;
pub(crate) mod primary;
pub(crate) mod start;

use std::time::Duration;

use crate::harness::Stack;

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
pub(crate) const NOTHING: Also = Also { before: |_| {}, away: |_| {}, back: |_| {} };
