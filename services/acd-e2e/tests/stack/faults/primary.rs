//! The primary that the clients work on is lost. A replica is promoted, and who was primary comes back
//! as a replica, without a write in between.

use std::time::Instant;

use super::{Also, PROMOTED};
use crate::harness::{
    Container, Failover, Report, Roles, Rounds, Server, Stack, Writes, center, docker, repeats,
    say, steady,
};

/// How it is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// In good order.
    Stopped,
    /// With all that its node has.
    Killed,
    /// It hangs, and when it goes on it knows of nothing.
    Paused,
}

impl How {
    fn name(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Killed => "killed",
            Self::Paused => "paused",
        }
    }

    /// The containers that are lost with a server.
    fn loses(self, stack: &Stack, server: &Server) -> Vec<Container> {
        let nodes = stack.tier().nodes();
        let node = nodes.into_iter().find(|node| node.contains(&server.node)).expect("a node");
        let whole = self == Self::Killed;
        let lost = node.into_iter().filter(|service| whole || *service == server.node);
        lost.map(|service| stack.one(service)).collect()
    }

    fn inject(self, lost: &[Container]) {
        let command = match self {
            Self::Stopped => "stop",
            Self::Killed => "kill",
            Self::Paused => "pause",
        };
        all(command, lost);
    }

    fn heal(self, lost: &[Container]) {
        all(if self == Self::Paused { "unpause" } else { "start" }, lost);
    }
}

/// `docker COMMAND CONTAINER…`
fn all(command: &str, containers: &[Container]) {
    let ids = containers.iter().map(|container| &*container.id);
    docker(&std::iter::once(command).chain(ids).collect::<Vec<_>>());
}

pub(crate) fn stopped(stack: &Stack) {
    lose(stack, "primary stopped", How::Stopped);
}

pub(crate) fn killed(stack: &Stack) {
    lose(stack, "primary killed", How::Killed);
}

pub(crate) fn paused(stack: &Stack) {
    lose(stack, "primary paused", How::Paused);
}

/// Loses it as often as is wanted.
pub(crate) fn lose(stack: &Stack, fault: &str, how: How) {
    let also = Also::of(stack);
    (also.before)(stack);
    let mut rounds = Rounds::new(stack.tier(), fault);
    for _ in 0..repeats() {
        let (report, took) = round(stack, how, also);
        rounds.add(&report, Some(took));
    }
}

fn round(stack: &Stack, how: How, also: Also) -> (Report, Failover) {
    let name = format!("{}-primary-{}", stack.tier().name(), how.name());
    let mut load = stack.load(&name);
    let lost = stack.primary_of(&center(&name));
    let tag = stack.tag_of(&lost, &center(&name)).expect("the center's keys");
    let containers = how.loses(stack, &lost);
    let roles = Roles::watch(stack.client(), stack.followers(&lost), &tag);

    say(&format!("{lost}: {}", how.name()));
    let begun = Instant::now();
    how.inject(&containers);
    let took = roles.promoted(begun, PROMOTED);
    drop(roles);
    load.in_service();
    (also.away)(stack);
    steady(1.0);

    say(&format!("{lost}: comes back"));
    let writes = Writes::watch(stack.client(), &lost, &tag);
    how.heal(&containers);
    stack.becomes_replica(&lost);
    let tried = writes.tried(begun);
    drop(writes);
    let taken = tried.iter().filter(|tried| tried.taken).count();
    say(&format!("{lost}: took {taken} of {} writes before it was a replica", tried.len()));
    assert!(tried.iter().all(|tried| !tried.replicated), "a lost primary has replicas: {tried:?}");
    // One that was paused is a primary as before until it has looked around.
    assert!(taken == 0 || how == How::Paused, "a lost primary takes writes: {tried:?}");

    stack.agreed();
    (also.back)(stack);
    steady(1.0);
    (load.finish(), took)
}

/// It hangs, and wakes up when another has just been promoted, before everybody has been told: for a
/// moment two are primaries, each with clients and a replica that believe it.
pub(crate) fn woken_in_the_middle(stack: &Stack) {
    let (tier, also) = (stack.tier(), Also::of(stack));
    (also.before)(stack);
    let fault = "primary paused until another is promoted";
    let mut rounds = Rounds::new(tier, fault);
    for _ in 0..repeats() {
        let name = format!("{}-primary-woken", tier.name());
        let mut load = stack.load(&name);
        let lost = stack.primary_of(&center(&name));
        let tag = stack.tag_of(&lost, &center(&name)).expect("the center's keys");
        let container = [stack.container(&lost)];
        let roles = Roles::watch(stack.client(), stack.followers(&lost), &tag);
        say(&format!("{lost}: paused"));
        let begun = Instant::now();
        How::Paused.inject(&container);
        while roles.promoted_since(begun).is_none() {
            assert!(begun.elapsed() < PROMOTED, "nobody was promoted");
            steady(0.01);
        }
        How::Paused.heal(&container);
        let took = roles.promoted(begun, PROMOTED);
        drop(roles);
        load.in_service();
        stack.becomes_replica(&lost);
        stack.agreed();
        (also.back)(stack);
        steady(1.0);
        rounds.add(&load.finish(), Some(took));
    }
}
