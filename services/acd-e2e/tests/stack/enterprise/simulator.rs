//! The simulator in its container, through the virtual address.

use std::{fs, time::Duration};

use serde_json::Value;

use crate::harness::{Ran, Stack, artifacts, compose, docker, steady};

/// Plays a day and reports on it.
fn play(args: &[&str]) -> Ran {
    let line = ["run", "--rm", "-T", "simulator", "simulator"];
    compose(&[&line, args].concat(), Duration::from_secs(120))
}

/// Every check of the run passed, and everybody was served or left.
fn is_fine(ran: &Ran) -> Value {
    let directory = artifacts().join("stack");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("simulator.log"), ran.all()).unwrap();
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["passed"], true, "{report}");
    report
}

pub(crate) fn a_day_is_played_although_the_balancer_is_lost(stack: &Stack) {
    let holder = stack.holder();
    let ran = std::thread::scope(|scope| {
        let played = scope.spawn(|| play(&["run", "--json", "--speed", "2"]));
        steady(5.0);
        docker(&["kill", &holder.id]);
        let ran = played.join();
        docker(&["start", &holder.id]);
        ran.expect("the simulator ends")
    });
    let report = is_fine(&ran);
    assert_eq!(report["failed"], 0, "{report}");
    assert!(report["answered"].as_u64() > Some(50), "{report}");
}

pub(crate) fn a_load_test_runs_through_the_balancer(_: &Stack) {
    let report = is_fine(&play(&["bench", "--json", "--seconds", "4", "--clients", "8"]));
    assert!(report["done"].as_u64() > Some(100), "{report}");
}
