//! Both balancers are killed, one after the other: the data is reached through either.

use std::time::Duration;

use crate::harness::{Rounds, Stack, docker, poll, repeats, steady, wait_running};

/// How long the virtual address may take to move.
const MOVES: Duration = Duration::from_secs(20);

pub(crate) fn both_killed_in_turn(stack: &Stack) {
    let mut rounds = Rounds::new(stack.tier(), "both balancers killed in turn");
    for _ in 0..repeats() {
        let mut load = stack.load(&format!("{}-balancers", stack.tier().name()));
        for _ in 0..2 {
            let (lost, other) = (stack.holder(), stack.other(&stack.holder()));
            docker(&["kill", &lost.id]);
            poll("move of the virtual address", MOVES, || {
                let holders = stack.holders();
                let moved = holders.iter().any(|holder| holder.id == other.id);
                if moved { Ok(()) } else { Err(format!("{holders:?}")) }
            });
            load.in_service();
            docker(&["start", &lost.id]);
            wait_running(&lost.id);
            stack.whole();
        }
        steady(1.0);
        rounds.add(&load.finish(), None);
    }
}
