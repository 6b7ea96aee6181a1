//! The scripts: from nothing, again, after a stop.

use std::collections::BTreeSet;

use crate::harness::{Stack, Tier, on, say, setting};

fn ids(stack: &Stack) -> BTreeSet<String> {
    stack.containers().into_iter().map(|container| container.id).collect()
}

/// From here on there is nothing.
pub(crate) fn remove(stack: &Stack) {
    if !stack.containers().is_empty() {
        stack.stop(&["--volumes"]);
    }
    assert!(ids(stack).is_empty());
}

pub(crate) fn from_nothing_again_and_after_a_stop(tier: Tier) {
    on(tier, "from nothing, again, after a stop", |stack| {
        remove(stack);
        stack.start();
        stack.whole();
        let first = ids(stack);
        let contact = create_contact(stack);

        say("starting what runs");
        let started: Vec<_> = stack.containers();
        stack.start();
        assert_eq!(stack.containers(), started, "a second start changes nothing");

        stack.stop(&[]);
        let stopped: BTreeSet<String> = stack.containers().into_iter().map(|c| c.state).collect();
        assert_eq!(stopped, BTreeSet::from(["exited".to_owned()]));
        assert_ne!(stack.status().code, Some(0), "status.sh says that it is stopped");
        say("starting what was stopped");
        stack.start();
        stack.whole();
        assert_eq!(ids(stack), first, "the same containers");
        let found = stack.client().curl(&[&contact]).unwrap();
        assert_eq!(found.status, 200, "its data is kept: {}", found.body);
        let status = stack.status();
        assert_eq!(status.code, Some(0), "{}", status.all());
    });
}

/// Creates one that nobody can serve, unless it is there; gives its URL.
pub(crate) fn create_contact(stack: &Stack) -> String {
    let contacts = format!("http://{}:8000/v1/centers/main/contacts", setting("ACD_VIP"));
    let json = ["-H", "content-type: application/json", "-H", "idempotency-key: kept"];
    let skills = ["-d", r#"{"skills": ["nobody has this"]}"#, &contacts];
    let answer = stack.client().curl(&[&json[..], &skills].concat()).unwrap();
    assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    format!("{contacts}/{id}")
}
