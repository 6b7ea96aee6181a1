//! The only server is killed, and comes back by itself with all that was acknowledged.

use std::time::Instant;

use super::PROMOTED;
use crate::harness::{Roles, Rounds, Tier, center, on_tier, repeats, steady};

/// What the kernel calls its process: fifteen characters.
const SERVER: &str = "acd-redis-serve";

pub(crate) fn killed(tier: Tier) {
    let fault = "the server killed";
    on_tier(tier, fault, |stack| {
        let name = format!("{}-killed", tier.name());
        let mut rounds = Rounds::new(tier, fault);
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
    });
}
