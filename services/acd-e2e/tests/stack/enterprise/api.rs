//! API replicas are killed, stopped, made more and fewer, under load.

use std::time::Duration;

use crate::harness::{Container, Stack, docker, poll, record, say, steady, up};

/// How long HAProxy may take to follow Docker's DNS.
const FOLLOWS: Duration = Duration::from_secs(20);

/// Waits until the balancer in charge has so many replicas.
fn replicas(stack: &Stack, count: usize) {
    poll("replicas of the API", FOLLOWS, || {
        let shown = docker(&["exec", &stack.holder().id, "ask", "show", "stat"]);
        let up = up(&shown, "api");
        if up.len() == count { Ok(()) } else { Err(format!("{up:?}")) }
    });
}

fn first(stack: &Stack) -> Container {
    stack.of("api").swap_remove(0)
}

pub(crate) fn a_replica_killed(stack: &Stack) {
    let load = stack.load("api-killed");
    let victim = first(stack);
    docker(&["kill", &victim.id]);
    replicas(stack, 1);
    steady(1.0);
    docker(&["start", &victim.id]);
    replicas(stack, 2);
    steady(1.0);
    record("API replica killed", &load.finish());
}

pub(crate) fn a_replica_stopped_in_good_order(stack: &Stack) {
    let load = stack.load("api-stopped");
    let victim = first(stack);
    docker(&["stop", "--time", "15", &victim.id]);
    let code = docker(&["inspect", "--format", "{{.State.ExitCode}}", &victim.id]);
    assert_eq!(code.trim(), "0", "it did not end in good order");
    replicas(stack, 1);
    docker(&["start", &victim.id]);
    replicas(stack, 2);
    steady(1.0);
    let report = load.finish();
    record("API replica stopped", &report);
    assert_eq!(report.not_repeated(), [] as [String; 0], "no request fails, repeated or not");
}

pub(crate) fn scaled_up_and_down(stack: &Stack) {
    let load = stack.load("api-scaled");
    for count in [4, 1, 2] {
        say(&format!("scaling to {count}"));
        let scale = format!("api={count}");
        stack.compose(&["up", "--detach", "--no-recreate", "--no-build", "--scale", &scale, "api"]);
        replicas(stack, count);
        steady(1.0);
    }
    let report = load.finish();
    record("API scaled 2 to 4 to 1 to 2", &report);
    assert_eq!(report.not_repeated(), [] as [String; 0], "no request fails, repeated or not");
}
