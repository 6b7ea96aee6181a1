//! The network is cut between the primary's node and the other nodes, while clients and balancers
//! reach all of them: the worst case for who might take writes on both sides.

use std::time::{Duration, Instant};

use super::{Also, PROMOTED};
use crate::harness::{
    Cut, Failover, Report, Roles, Rounds, Side, Stack, Writes, address, center, repeats, say,
    steady,
};

/// How long the minority may take to refuse writes.
const REFUSES: Duration = Duration::from_secs(30);
/// How old the news of a write may be.
const LATE: Duration = Duration::from_millis(500);

/// Nothing gets through, in either direction.
pub(crate) fn both_sides(stack: &Stack) {
    cut(stack, "network cut around the primary", Side::Both);
}

/// What the primary's node sends is lost, what is sent to it arrives.
pub(crate) fn one_side_only(stack: &Stack) {
    cut(stack, "network cut around the primary, one side", Side::Outgoing);
}

fn cut(stack: &Stack, fault: &str, side: Side) {
    let also = Also::of(stack);
    (also.before)(stack);
    let mut rounds = Rounds::new(stack.tier(), fault);
    for _ in 0..repeats() {
        let (report, took) = round(stack, side, also);
        rounds.add(&report, Some(took));
    }
}

fn round(stack: &Stack, side: Side, also: Also) -> (Report, Failover) {
    let name = format!("{}-cut-{side:?}", stack.tier().name()).to_lowercase();
    let mut load = stack.load(&name);
    let lost = stack.primary_of(&center(&name));
    let tag = stack.tag_of(&lost, &center(&name)).expect("the center's keys");
    let (mine, others): (Vec<_>, Vec<_>) =
        stack.tier().nodes().into_iter().partition(|node| node.contains(&lost.node));
    let containers: Vec<_> = mine.into_iter().flatten().map(|service| stack.one(service)).collect();
    let addresses: Vec<_> = others.into_iter().flatten().map(address).collect();
    let roles = Roles::watch(stack.client(), stack.followers(&lost), &tag);
    let writes = Writes::watch(stack.client(), &lost, &tag);

    let (cut, begun) = Cut::between(&containers, &addresses, side);
    let took = roles.promoted(begun, PROMOTED);
    drop(roles);
    load.in_service();
    (also.away)(stack);
    writes.refused(REFUSES);
    steady(1.0);
    let refusing = Instant::now();
    steady(1.0);
    let refused = writes.tried(refusing);
    assert!(!refused.is_empty() && refused.iter().all(|tried| !tried.taken), "{refused:?}");

    say("the network is whole again");
    drop(cut);
    stack.becomes_replica(&lost);
    let tried = writes.tried(begun + LATE);
    drop(writes);
    let taken = tried.iter().filter(|tried| tried.taken).count();
    say(&format!("{lost}: took {taken} of {} writes, none of them replicated", tried.len()));
    assert!(tried.iter().all(|tried| !tried.replicated), "the minority has replicas: {tried:?}");

    stack.agreed();
    (also.back)(stack);
    steady(1.0);
    (load.finish(), took)
}
