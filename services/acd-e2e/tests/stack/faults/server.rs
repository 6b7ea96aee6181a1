//! The only server is killed, and comes back by itself with all that was acknowledged.

use std::time::Instant;

use super::PROMOTED;
use crate::harness::{Roles, Rounds, Stack, center, repeats, steady};

/// What the kernel calls its process: fifteen characters.
const SERVER: &str = "acd-redis-serve";

pub(crate) fn killed_and_back_with_everything(stack: &Stack) {
    let fault = "the server killed";
    let name = format!("{}-killed", stack.tier().name());
    let mut rounds = Rounds::new(stack.tier(), fault);
    for _ in 0..repeats() {
        let mut load = stack.load(&name);
        let server = stack.primary_of(&center(&name));
        let tag = stack.tag_of(&server, &center(&name)).expect("the center's keys");
        let roles = Roles::watch(stack.client(), vec![server.clone()], &tag);
        steady(1.0);
        let begun = Instant::now();
        stack.signal(&stack.container(&server), SERVER, "KILL");
        roles.promoted(begun, PROMOTED);
        drop(roles);
        load.in_service();
        steady(2.0);
        rounds.add(&load.finish(), None);
    }
}
