//! The scripts: from nothing, again, stopped, started, interrupted.

use std::time::Duration;

use crate::{
    faults::start,
    harness::{Tier, on, say, steady},
};

/// Where the start is interrupted: what it says just before, how long after, and the signal.
const INTERRUPTIONS: [(&str, f64, &str); 4] = [
    ("starting re1", 0.5, "INT"),
    ("starting re1", 4.0, "KILL"),
    ("balancers: starting", 0.5, "KILL"),
    ("API: starting", 0.3, "INT"),
];

#[test]
fn from_nothing_again_and_after_a_stop() {
    start::from_nothing_again_and_after_a_stop(Tier::Enterprise);
}

#[test]
fn interrupted_half_way_and_run_again() {
    on(Tier::Enterprise, "interrupted half way and run again", |stack| {
        start::remove(stack);
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
