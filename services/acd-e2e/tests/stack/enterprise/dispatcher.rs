//! Dispatchers are killed under load: one is enough, and without any contacts wait.

use std::time::Duration;

use crate::harness::{Stack, docker, record, say, steady};

pub(crate) fn one_killed_then_both(stack: &Stack) {
    let load = stack.load("dispatchers-killed");
    let [one, other] = <[_; 2]>::try_from(stack.of("dispatcher")).unwrap();
    docker(&["kill", &one.id]);
    steady(2.0);
    docker(&["start", &one.id]);
    steady(1.0);
    say("killing both");
    docker(&["kill", &one.id, &other.id]);
    steady(2.0);
    docker(&["start", &one.id, &other.id]);
    steady(2.0);
    let report = load.finish();
    record("a dispatcher killed, then both", &report);
    assert!(report.gap() < Duration::from_secs(5), "the API does not need them");
    let longest = report.get("time_to_assign")["max_ms"].as_f64().unwrap();
    assert!(longest > 1000.0, "contacts waited while there was no dispatcher: {longest} ms");
}
