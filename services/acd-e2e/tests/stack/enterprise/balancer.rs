//! The balancer that has the virtual address is lost in every way, under load. The other takes over,
//! and whoever comes back takes nothing away.

use std::time::Duration;

use crate::harness::{
    Container, Report, Stack, docker, poll, record, setting, steady, wait_running,
};

/// A time without service is told, not asserted: machines are shared. But this is too long anywhere.
const TOO_LONG: Duration = Duration::from_secs(5);
/// As long as a busy machine may keep a client waiting.
const A_HICCUP: Duration = Duration::from_secs(1);
/// How long the address may take to move, and who was lost to come back.
const SOON: Duration = Duration::from_secs(20);

/// Loses the holder by `inject` and brings it back by `heal`, under load.
fn lose_the_holder(
    stack: &Stack,
    fault: &str,
    inject: impl Fn(&Stack, &Container),
    heal: impl Fn(&Stack, &Container),
) {
    let name = fault.replace(' ', "-").to_lowercase();
    let mut load = stack.load(&name);
    let (lost, other) = (stack.holder(), stack.other(&stack.holder()));
    inject(stack, &lost);
    poll("move of the virtual address", SOON, || {
        let holders = stack.holders();
        if holders.iter().any(|holder| holder.id == other.id) {
            Ok(())
        } else {
            Err(format!("{holders:?}"))
        }
    });
    load.in_service();
    steady(1.0);
    let before = load.outages().len();
    heal(stack, &lost);
    wait_running(&lost.id);
    stack.whole();
    steady(2.0);
    // One that was paused never knew, and is preferred to the other.
    let paused = fault.contains("paused");
    assert!(
        stack.holder().id == other.id || paused,
        "who comes back does not take the address away"
    );
    let returned = load.outages().split_off(before);
    let report = load.finish();
    record(fault, &report);
    fair(&report);
    // It has the address together with the other for a moment; no other return is to be felt.
    let felt = returned.iter().any(|gap| *gap > A_HICCUP);
    assert!(!felt || paused, "without service when it came back: {returned:?}");
}

fn fair(report: &Report) {
    assert!(report.gap() < TOO_LONG, "{:?} without service", report.gap());
}

fn start(_: &Stack, lost: &Container) {
    docker(&["start", &lost.id]);
}

fn by_itself(_: &Stack, _: &Container) {}

pub(crate) fn killed(stack: &Stack) {
    lose_the_holder(stack, "balancer killed", |_, lost| drop(docker(&["kill", &lost.id])), start);
}

pub(crate) fn stopped_in_good_order(stack: &Stack) {
    lose_the_holder(stack, "balancer stopped", |_, lost| drop(docker(&["stop", &lost.id])), start);
}

pub(crate) fn paused(stack: &Stack) {
    lose_the_holder(
        stack,
        "balancer paused",
        |_, lost| drop(docker(&["pause", &lost.id])),
        |_, lost| drop(docker(&["unpause", &lost.id])),
    );
}

pub(crate) fn haproxy_killed(stack: &Stack) {
    lose_the_holder(
        stack,
        "HAProxy killed",
        |stack, lost| stack.signal(lost, "haproxy", "KILL"),
        by_itself,
    );
}

pub(crate) fn haproxy_hangs(stack: &Stack) {
    // The watcher gives it up, and the restart policy brings it back.
    lose_the_holder(
        stack,
        "HAProxy hangs",
        |stack, lost| stack.signal(lost, "haproxy", "STOP"),
        by_itself,
    );
}

pub(crate) fn network_cut_off(stack: &Stack) {
    let network = || format!("{}_re_cluster", crate::harness::project());
    lose_the_holder(
        stack,
        "balancer cut off",
        |_, lost| drop(docker(&["network", "disconnect", &network(), &lost.id])),
        |_, lost| {
            let address = setting(&format!("ACD_{}_ADDRESS", lost.service.to_uppercase()));
            docker(&["network", "connect", "--ip", &address, &network(), &lost.id]);
        },
    );
}

pub(crate) fn the_backup_is_lost_and_nobody_notices(stack: &Stack) {
    let load = stack.load("backup-balancer-killed");
    let backup = stack.other(&stack.holder());
    docker(&["kill", &backup.id]);
    steady(1.0);
    docker(&["start", &backup.id]);
    stack.whole();
    let report = load.finish();
    record("backup balancer killed", &report);
    assert_eq!(report.not_repeated(), [] as [String; 0], "no request fails");
}
