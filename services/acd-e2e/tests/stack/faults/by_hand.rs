//! `scripts/failover.sh` while clients go on, through either balancer: no request fails.

use crate::{
    cluster,
    harness::{Report, Rounds, Stack, Tier, center, docker, repeats, say, steady, wait_running},
};

pub(crate) fn clients_go_on(stack: &Stack) {
    let mut rounds = Rounds::new(stack.tier(), "switch by hand");
    for _ in 0..repeats() {
        rounds.add(&round(stack), None);
        // Through the other balancer as well.
        let lost = stack.holder();
        docker(&["stop", &lost.id]);
        say(&format!("without {}", lost.service));
        rounds.add(&round(stack), None);
        docker(&["start", &lost.id]);
        wait_running(&lost.id);
        stack.whole();
    }
}

fn round(stack: &Stack) -> Report {
    let name = format!("{}-by-hand", stack.tier().name());
    let load = stack.load(&name);
    let before = stack.primary_of(&center(&name));
    steady(1.0);
    // Which node is to become the primary, or to have none, is the tier's business.
    match stack.tier() {
        Tier::Cluster(_) => stack.fail_over(&[before.node]),
        _ => stack.fail_over(&[]),
    }
    stack.becomes_replica(&before);
    assert_ne!(stack.primary_of(&center(&name)), before);
    stack.agreed();
    if matches!(stack.tier(), Tier::Cluster(_)) {
        cluster::bring_home(stack);
    }
    steady(1.0);
    let report = load.finish();
    assert_eq!(report.not_repeated(), [] as [String; 0], "no request fails, repeated or not");
    report
}
