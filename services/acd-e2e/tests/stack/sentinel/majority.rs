//! Two of three Sentinels are away when the primary dies: nobody may promote anybody, and nothing is
//! acknowledged, until they are back.

use std::time::Instant;

use crate::{
    faults::PROMOTED,
    harness::{Roles, Rounds, Stack, center, docker, repeats, say, setting, steady},
};

/// How long nothing may happen, in seconds: several times what it takes to promote a replica.
const NOTHING_HAPPENS: f64 = 12.0;

pub(crate) fn lost_then_the_primary(stack: &Stack) {
    let fault = "Sentinel majority lost, then the primary killed";
    let mut rounds = Rounds::new(stack.tier(), fault);
    for _ in 0..repeats() {
        round(stack, &mut rounds);
    }
}

fn round(stack: &Stack, rounds: &mut Rounds) {
    let name = "sentinel-majority";
    let mut load = stack.load(name);
    let lost = stack.primary_of(&center(name));
    let container = stack.container(&lost);
    let sentinels = ["sentinel2", "sentinel3"].map(|sentinel| stack.one(sentinel).id);
    let tag = stack.tag_of(&lost, &center(name)).expect("the center's keys");
    let roles = Roles::watch(stack.client(), stack.followers(&lost), &tag);
    docker(&["stop", &sentinels[0], &sentinels[1]]);
    load.in_service();

    say(&format!("{lost}: killed"));
    let begun = Instant::now();
    docker(&["kill", &container.id]);
    steady(2.0);
    refused(stack);
    steady(NOTHING_HAPPENS - begun.elapsed().as_secs_f64().min(NOTHING_HAPPENS));
    refused(stack);
    assert_eq!(roles.promoted_since(begun), None, "one Sentinel alone promotes nobody");
    assert!(stack.primaries().is_empty());

    say("the Sentinels come back");
    let back = Instant::now();
    docker(&["start", &sentinels[0], &sentinels[1]]);
    roles.promoted(back, PROMOTED);
    drop(roles);
    load.in_service();
    docker(&["start", &container.id]);
    stack.becomes_replica(&lost);
    stack.agreed();
    steady(1.0);
    rounds.add(&load.finish(), None);
}

/// A call is answered that it can't be done now, or not at all.
fn refused(stack: &Stack) {
    let contacts = format!("http://{}:8000/v1/centers/main/contacts", setting("ACD_VIP"));
    let json = ["-H", "content-type: application/json", "-H", "idempotency-key: refused"];
    let create = [&json[..], &["-d", r#"{"skills": ["nobody has this"]}"#, &contacts]].concat();
    match stack.client().curl(&create) {
        Ok(answer) => {
            say(&format!("a new contact: {} {}", answer.status, answer.body.trim()));
            assert!([503, 504].contains(&answer.status), "{answer:?}");
        }
        Err(why) => say(&format!("a new contact: {}", why.trim())),
    }
}
