//! The cluster fails in part: a shard, its quorum, its REST service. What goes on serving keeps its
//! connections, and nothing fails that a retry does not mend. Only a port that is dead loses them.
//! The emulator's faults make this happen; the real product has no such switch.

use std::time::{Duration, Instant};

use super::pinned::Pinned;
use crate::harness::{Stack, docker, poll, record, say, setting, steady, up};

const NODES: [&str; 3] = ["re1", "re2", "re3"];
/// Two hash tags, and the slots of the shard that has the tag's slot: 5061 and 12182.
const FIRST: (&str, &str) = ("bar", "0-8191");
const SECOND: (&str, &str) = ("foo", "8192-16383");
/// How many connections for each shard: several for each node.
const CONNECTIONS: usize = 6;
/// How long the balancers may take to notice what a node reports of itself (three checks of up to 3 s), and
/// the longest fault.
const NOTICED: Duration = Duration::from_secs(45);
/// How long a failover may take.
const FAILOVER: Duration = Duration::from_secs(15);
/// A port that is silent loses its connections after two checks of a second; the rest is for a machine
/// that is busy.
const CUT: Duration = Duration::from_secs(5);

/// A row of `rladmin status shards`.
#[derive(Debug)]
struct Shard {
    uid: String,
    node: String,
    primary: bool,
    slots: String,
}

fn shards(stack: &Stack) -> Vec<Shard> {
    let id = stack.one("re1").id;
    let shown = docker(&["exec", &id, "rladmin", "status", "shards"]);
    let rows = shown.lines().filter_map(|line| {
        let [_, _, uid, node, role, slots, _] =
            line.split_whitespace().collect::<Vec<_>>().try_into().ok()?;
        Some(Shard {
            uid: uid.strip_prefix("redis:")?.to_owned(),
            node: node.strip_prefix("node:")?.to_owned(),
            primary: role == "master",
            slots: slots.to_owned(),
        })
    });
    rows.collect()
}

fn primary(stack: &Stack, slots: &str) -> Result<Shard, String> {
    let all = shards(stack);
    let text = format!("{all:?}");
    all.into_iter().find(|shard| shard.primary && shard.slots == slots).ok_or(text)
}

fn fault(stack: &Stack, node: &str, fault: &[&str]) {
    let id = stack.one(node).id;
    docker(&[&["exec", &id, "redis-enterprise-emulator", "fault"], fault].concat());
}

/// Waits until the balancer in charge knows that so many nodes say that the database is available.
fn available(stack: &Stack, count: usize) {
    poll("report of the nodes", NOTICED, || {
        let shown = docker(&["exec", &stack.holder().id, "ask", "show", "stat"]);
        let up = up(&shown, "database_state");
        if up.len() == count { Ok(()) } else { Err(format!("{up:?}")) }
    });
}

fn increments((tag, _): (&str, &str)) -> String {
    format!("INCR acd-test:{{{tag}}}")
}

/// Loses the primary of each shard in turn under load, of which one has the load's center; the other
/// shard's clients must feel nothing.
fn lose_a_shard(stack: &Stack, name: &str, also: &[&str]) {
    for node in NODES.iter().filter(|_| !also.is_empty()) {
        fault(stack, node, also);
    }
    let load = stack.load(&name.replace(' ', "-").to_lowercase());
    for (lost, other) in [(FIRST, SECOND), (SECOND, FIRST)] {
        let failing = Pinned::open(CONNECTIONS, &increments(lost));
        let healthy = Pinned::open(CONNECTIONS, &increments(other));
        fail_over(stack, lost.1);
        let failing = failing.end();
        let slow = Duration::from_millis(200);
        let felt = failing.iter().any(|one| one.lost.is_some() || one.slowest > slow);
        assert!(felt, "nothing was lost: {failing:#?}");
        healthy.end_unharmed("connections of the other shard");
    }
    let report = load.finish();
    record(name, &report);
    let causes = report.get("retries_by_cause");
    assert!(report.get("retries").as_u64() > Some(0), "the load felt nothing");
    assert!(causes["500"].is_null(), "an outage was taken for a bug: {causes}");
    for node in NODES.iter().filter(|_| !also.is_empty()) {
        fault(stack, node, &["clear"]);
    }
}

/// Loses the primary that has these slots, until its replica has taken over and it is back.
fn fail_over(stack: &Stack, slots: &str) {
    let lost = primary(stack, slots).unwrap();
    say(&format!("shard {} of node {} is lost", lost.uid, lost.node));
    fault(stack, &format!("re{}", lost.node), &["shard-lost", &lost.uid, "8s"]);
    let promoted = poll("promotion of the replica", FAILOVER, || match primary(stack, slots) {
        Ok(shard) if shard.uid != lost.uid => Ok(shard),
        other => Err(format!("{other:?}")),
    });
    say(&format!("shard {} of node {} is primary now", promoted.uid, promoted.node));
    // The lost one comes back, and is behind for a while.
    steady(10.0);
}

pub(crate) fn one_shard_fails_over(stack: &Stack) {
    lose_a_shard(stack, "one shard fails over", &[]);
}

pub(crate) fn one_shard_fails_over_with_plain_errors(stack: &Stack) {
    lose_a_shard(stack, "one shard fails over with plain errors", &["plain-errors", "5m"]);
}

/// All nodes report that they can't serve, and serve.
fn reports_only(stack: &Stack, name: &str, lasts: &[&str], meanwhile: impl FnOnce(&Stack)) {
    let client = stack.client();
    let load = stack.load(&name.replace(' ', "-").to_lowercase());
    let pinned = [FIRST, SECOND].map(|shard| Pinned::open(CONNECTIONS, &increments(shard)));
    for node in NODES {
        fault(stack, node, lasts);
    }
    available(stack, 0);
    // New connections are made all the same.
    let password = setting("RE_DATABASE_PASSWORD");
    for _ in 0..6 {
        let answer = client.redis(&password, &["INCR", "acd-test:{bar}"]);
        assert!(answer.parse::<u64>().is_ok(), "{answer}");
    }
    meanwhile(stack);
    available(stack, 3);
    for pinned in pinned {
        pinned.end_unharmed("connections that were open");
    }
    let report = load.finish();
    record(name, &report);
    assert_eq!(report.not_repeated(), [] as [String; 0], "no request fails, repeated or not");
}

pub(crate) fn the_quorum_is_lost_for_five_seconds(stack: &Stack) {
    reports_only(stack, "quorum lost while data is served", &["no-quorum", "5s"], |_| ());
}

pub(crate) fn the_rest_service_is_slow(stack: &Stack) {
    reports_only(stack, "REST service slow", &["rest-slow", "4s", "20s"], |_| ());
}

pub(crate) fn the_rest_service_fails(stack: &Stack) {
    reports_only(stack, "REST service failing", &["rest-503", "30s"], |stack| {
        let status = stack.status();
        assert_eq!(status.code, Some(1), "{}", status.all());
        assert!(
            status.out.contains("!! database    no node reports that it can serve"),
            "{}",
            status.out
        );
    });
}

pub(crate) fn a_node_that_is_silent_loses_its_connections(stack: &Stack) {
    // Answered by the proxy alone, so that no shard of the lost node matters.
    let pinned = Pinned::open(9, "PING");
    steady(1.0);
    let node = stack.one("re3").id;
    docker(&["pause", &node]);
    let paused = Instant::now();
    steady(8.0);
    docker(&["unpause", &node]);
    let felt = pinned.end();
    let lost: Vec<_> = felt.iter().filter_map(|one| one.lost.as_ref()).collect();
    let after: Vec<Duration> =
        lost.iter().map(|(at, _)| at.saturating_duration_since(paused)).collect();
    say(&format!("closed after {after:?}"));
    assert!((1..felt.len()).contains(&lost.len()), "{felt:#?}");
    assert!(after.iter().all(|after| *after < CUT), "{felt:#?}");
}
