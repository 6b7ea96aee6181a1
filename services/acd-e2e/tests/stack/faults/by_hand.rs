//! `scripts/failover.sh` while clients go on, through either balancer: no request fails.

use crate::harness::{
    Report, Rounds, Stack, Tier, center, docker, on_tier, repeats, say, steady, wait_running,
};

pub(crate) fn switch(tier: Tier, back: fn(&Stack)) {
    let fault = "switch by hand";
    on_tier(tier, fault, |stack| {
        let mut rounds = Rounds::new(tier, fault);
        for _ in 0..repeats() {
            rounds.add(&round(stack, back), None);
            // Through the other balancer as well.
            let lost = stack.holder();
            docker(&["stop", &lost.id]);
            say(&format!("without {}", lost.service));
            rounds.add(&round(stack, back), None);
            docker(&["start", &lost.id]);
            wait_running(&lost.id);
            stack.whole();
        }
    });
}

fn round(stack: &Stack, back: fn(&Stack)) -> Report {
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
    back(stack);
    steady(1.0);
    let report = load.finish();
    assert_eq!(report.not_repeated(), [] as [String; 0], "no request fails, repeated or not");
    report
}
