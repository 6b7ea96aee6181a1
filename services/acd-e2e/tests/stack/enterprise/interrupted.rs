//! `scripts/start.sh` is interrupted on its way, and run again.

use std::time::Duration;

use crate::{
    harness::{Stack, say, steady},
    scripts,
};

/// Where the start is interrupted: what it says just before, how long after, and the signal.
const INTERRUPTIONS: [(&str, f64, &str); 4] = [
    ("starting re1", 0.5, "INT"),
    ("starting re1", 4.0, "KILL"),
    ("balancers: starting", 0.5, "KILL"),
    ("API: starting", 0.3, "INT"),
];

pub(crate) fn half_way_and_run_again(stack: &Stack) {
    scripts::remove(stack);
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
}
