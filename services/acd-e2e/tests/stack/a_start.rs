//! The scripts: from nothing, again, stopped, started, interrupted.

use std::{collections::BTreeSet, time::Duration};

use crate::harness::{Stack, on, say, steady};

/// Where the start is interrupted: what it says just before, how long after, and the signal.
const INTERRUPTIONS: [(&str, f64, &str); 4] = [
    ("starting re1", 0.5, "INT"),
    ("starting re1", 4.0, "KILL"),
    ("balancers: starting", 0.5, "KILL"),
    ("API: starting", 0.3, "INT"),
];

fn ids(stack: &Stack) -> BTreeSet<String> {
    stack.containers().into_iter().map(|container| container.id).collect()
}

#[test]
fn from_nothing_again_and_after_a_stop() {
    on("from nothing, again, after a stop", |stack| {
        remove(stack);
        stack.start();
        stack.whole();
        let first = ids(stack);

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
        let status = stack.status();
        assert_eq!(status.code, Some(0), "{}", status.all());
    });
}

#[test]
fn interrupted_half_way_and_run_again() {
    on("interrupted half way and run again", |stack| {
        remove(stack);
        for (after, seconds, signal) in INTERRUPTIONS {
            say(&format!("SIG{signal} {seconds} s after \"{after}\""));
            let mut starting = stack.starting();
            starting.says(after, Duration::from_secs(120)).unwrap();
            steady(seconds);
            starting.signal(signal);
            let ran = starting.wait(Duration::from_secs(30));
            // It may have been quicker than we were.
            assert_ne!(ran.code, Some(1), "it failed by itself: {}", ran.all());
        }
        say("running to the end");
        stack.start();
        stack.whole();
    });
}

/// From here on there is nothing.
fn remove(stack: &Stack) {
    if !stack.containers().is_empty() {
        stack.stop(&["--volumes"]);
    }
    assert!(ids(stack).is_empty());
}
