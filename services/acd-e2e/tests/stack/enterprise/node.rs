//! A node of the cluster is lost under load: console, REST API and database go on.

use std::time::Duration;

use crate::harness::{Stack, docker, poll, record, record_watched, say, steady};

/// How long a node may take to be back in the cluster.
const BACK: Duration = Duration::from_secs(60);
/// A time without service is told, not asserted: machines are shared. But this is too long anywhere.
const TOO_LONG_MS: u64 = 15_000;

fn lose(stack: &Stack, fault: &str, service: &str, how: &str) {
    let client = stack.client();
    let watch = client.watch_data_tier();
    let mut load = stack.load(&fault.replace(' ', "-").to_lowercase());
    let node = stack.one(service);
    docker(&[how, &node.id]);
    steady(5.0);
    load.in_service();
    say(&format!("{service} comes back"));
    docker(&["start", &node.id]);
    poll("node in the cluster", BACK, || stack.is_whole());
    steady(2.0);
    let watched = client.end_watch(watch);
    let report = load.finish();
    record(fault, &report);
    for watched in watched {
        record_watched(fault, &watched);
        assert!(watched.answered > 20 && watched.gap_ms < TOO_LONG_MS, "{watched:?}");
    }
}

pub(crate) fn a_node_stopped(stack: &Stack) {
    lose(stack, "Redis Enterprise node stopped", "re2", "stop");
}

pub(crate) fn the_first_node_killed(stack: &Stack) {
    lose(stack, "Redis Enterprise node killed", "re1", "kill");
}
