//! The only server is killed, and comes back by itself with all that was acknowledged.

use std::time::Instant;

use crate::{
    faults::PROMOTED,
    harness::{Roles, Rounds, Tier, center, on_tier, repeats, steady},
};

/// What the kernel calls its process: fifteen characters.
const SERVER: &str = "acd-redis-serve";

#[test]
fn comes_back_with_everything() {
    let fault = "the server killed";
    on_tier(Tier::Single, fault, |stack| {
        let mut rounds = Rounds::new(Tier::Single, fault);
        for _ in 0..repeats() {
            let mut load = stack.load("single-killed");
            let server = stack.primary_of(&center("single-killed"));
            let tag = stack.tag_of(&server, &center("single-killed")).expect("the center's keys");
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
    });
}
