//! The scripts, on every tier: a start from nothing, a second start, a stop and a start, the removal.

use std::{collections::BTreeSet, time::Duration};

use crate::harness::{Stack, Tier, bring_back, docker, project, run, setting};

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

pub(crate) fn a_start_from_nothing(stack: &Stack) {
    remove(stack);
    stack.start();
    stack.whole();
    let status = stack.status();
    assert_eq!(status.code, Some(0), "{}", status.all());
}

/// On one tier the images are built again, too, from the same sources.
pub(crate) fn a_second_start_changes_nothing(stack: &Stack) {
    let before = stack.containers();
    match stack.tier() {
        Tier::Enterprise => stack.start_and_build(),
        _ => stack.start(),
    }
    assert_eq!(stack.containers(), before);
}

pub(crate) fn a_stop_and_a_start_keep_everything(stack: &Stack) {
    let before = ids(stack);
    let contact = create_contact(stack);
    stack.stop(&[]);
    let stopped: BTreeSet<String> = stack.containers().into_iter().map(|c| c.state).collect();
    assert_eq!(stopped, BTreeSet::from(["exited".to_owned()]));
    assert_ne!(stack.status().code, Some(0), "status.sh says that it is stopped");
    stack.start();
    stack.whole();
    assert_eq!(ids(stack), before, "the same containers");
    let found = stack.client().curl(&[&contact]).unwrap();
    assert_eq!(found.status, 200, "its data is kept: {}", found.body);
}

pub(crate) fn stop_with_volumes_leaves_nothing(stack: &Stack) {
    stack.stop(&["--volumes"]);
    let ours = format!("label=com.docker.compose.project={}", project());
    for list in [&["container", "ls", "--all"][..], &["volume", "ls"], &["network", "ls"]] {
        let left = docker(&[list, &["--quiet", "--filter", &ours]].concat());
        assert_eq!(left.trim(), "", "a {} is left", list[0]);
    }
    // Once more is no failure.
    let again = run(&["scripts/stop.sh", "--volumes"], Duration::from_secs(60));
    assert_eq!(again.code, Some(0), "{}", again.all());
    bring_back();
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
