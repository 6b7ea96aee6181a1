//! Docker Compose without the scripts, after `scripts/start.sh --prepare`.

use std::time::Duration;

use crate::{
    harness::{Container, Stack, Tier, compose, poll, run, say},
    scripts::remove,
};

/// Images included, on a slow machine.
const PREPARED: Duration = Duration::from_secs(540);
/// How long one command of Compose may take.
const COMPOSE: Duration = Duration::from_secs(120);
/// How long the stack may take to be whole once every container has been started.
const CONVERGED: Duration = Duration::from_secs(240);

/// All profiles in one command.
pub(crate) fn at_once(stack: &Stack) {
    let data = data(stack.tier());
    prepare(stack);
    up(&[data, "loadbalancer", "rest", "dispatcher"]);
    converges(stack);

    say("starting what runs");
    let running = without_set_up(stack);
    up(&["dispatcher", "rest", "loadbalancer", data]);
    converges(stack);
    assert_eq!(without_set_up(stack), running, "the same containers run on");
    stack.start();
    assert_eq!(without_set_up(stack), running, "scripts/start.sh finds nothing to change");
}

/// One profile after the other, each before what it needs.
pub(crate) fn one_by_one_the_data_last(stack: &Stack) {
    prepare(stack);
    for profile in ["dispatcher", "rest", "loadbalancer", data(stack.tier())] {
        up(&[profile]);
    }
    converges(stack);
}

/// The profile of the tier's data.
fn data(tier: Tier) -> &'static str {
    match tier {
        Tier::Enterprise => "redis",
        Tier::Sentinel(_) => "sentinel",
        Tier::Cluster(_) => "cluster",
        Tier::Single(_) => "single",
    }
}

/// From nothing: settings, certificate and images, and no container.
fn prepare(stack: &Stack) {
    remove(stack);
    let tier = stack.tier();
    let name = tier.name();
    let mut line = vec!["scripts/start.sh", "--prepare", "--data", &name];
    if tier == Tier::Enterprise {
        line.push("--emulator");
    }
    if std::env::var_os("ACD_TEST_BUILD").is_some_and(|value| value == "0") {
        line.push("--no-build");
    }
    let ran = run(&line, PREPARED);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(ran.out.contains(&format!("--profile {}", data(tier))), "{}", ran.all());
    assert_eq!(stack.containers(), [], "it starts nothing");
}

/// `docker compose --profile … up`
fn up(profiles: &[&str]) {
    let profiles: Vec<&str> = profiles.iter().flat_map(|name| ["--profile", name]).collect();
    let ran = compose(&[&profiles[..], &["up", "--detach", "--no-build"]].concat(), COMPOSE);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

/// Waits until the stack is as `start.sh` makes it, its set-up has ended, and contacts are served.
fn converges(stack: &Stack) {
    poll("stack that status.sh finds nothing wrong with", CONVERGED, || stack.status().ok());
    stack.whole();
    let set_up: Vec<_> = stack.containers().into_iter().filter(is_set_up).collect();
    assert_eq!(set_up.len(), 1, "{set_up:?}");
    assert_eq!(set_up[0].state, "exited");
    stack.load("plain-compose").finish();
}

fn is_set_up(container: &Container) -> bool {
    container.service.ends_with("-setup")
}

fn without_set_up(stack: &Stack) -> Vec<Container> {
    stack.containers().into_iter().filter(|container| !is_set_up(container)).collect()
}
