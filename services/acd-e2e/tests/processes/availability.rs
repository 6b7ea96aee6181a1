//! `acd simulator availability`: it notices what a client would notice, and nothing else.

use std::time::Duration;

use acd_testing::RedisServer;
use serde_json::Value;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::harness::{self, Ask, Stack, alone, poll, signal};

/// Runs it in a center of its own; gives its exit code, its report, and what it said meanwhile.
fn start(url: &str, flags: &str) -> JoinHandle<(Option<i32>, Value, String)> {
    let line = format!("simulator availability --json --url {url} --agents 8 {flags}");
    spawn_blocking(move || {
        let run = harness::run(&line.split_whitespace().collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        let report = serde_json::from_slice(&run.stdout).unwrap_or_else(|e| panic!("{e}: {said}"));
        (run.status.code(), report, said)
    })
}

/// Waits until the load has made contacts.
async fn under_load(stack: &Stack) {
    let client = stack.client("availability");
    poll("load", async || {
        // Not there until the simulator creates it.
        let stats = client.once(Ask::get("stats")).await.ok()?.body;
        (stats["counters"]["contacts_completed"].as_u64()? > 20).then_some(())
    })
    .await;
}

#[tokio::test]
async fn finds_nothing_where_nothing_is_broken() {
    alone(async {
        let redis = RedisServer::start().await.unwrap();
        let stack = Stack::start(&redis.url(), 1, 1, &[]).await;
        let flags = "--seconds 3 --rate 40 --max-failed 0";
        let (code, report, said) = start(stack.apis[0].address(), flags).await.unwrap();
        assert_eq!(code, Some(0), "{said}{report}");
        let contacts = report["contacts"].as_u64().unwrap();
        assert!((119..=121).contains(&contacts), "40 a second for 3 seconds: {contacts}");
        assert_eq!(report["contacts"], report["completed"]);
        assert_eq!((&report["failed"], &report["passed"]), (&0.into(), &true.into()), "{report}");
        assert_eq!(report["operations"]["create_once"]["failed"], 0);
        assert!(report["probes_answered"].as_u64() > Some(100), "{report}");
        assert!(said.contains("in service; contacts: "), "{said}");
        // All is as it was: no agents, nobody waits.
        let stats = stack.client("availability").get("stats").await;
        assert_eq!((&stats["agents"]["total"], &stats["waiting"]), (&0.into(), &0.into()));
    })
    .await;
}

#[tokio::test]
async fn measures_an_outage_and_loses_nothing_in_it() {
    alone(async {
        let redis = RedisServer::start().await.unwrap();
        let stack = Stack::start(&redis.url(), 1, 2, &[]).await;
        let flags = "--seconds 5 --rate 30 --attempt 300ms --max-gap 100ms --max-failed 0";
        let running = start(stack.apis[0].address(), flags);
        under_load(&stack).await;
        signal("STOP", stack.apis[0].pid());
        tokio::time::sleep(Duration::from_secs(1)).await;
        signal("CONT", stack.apis[0].pid());
        let (code, report, said) = running.await.unwrap();

        assert_eq!(code, Some(1), "the gap is too long: {report}");
        let failed = report["checks"].as_array().unwrap().iter().filter(|c| c["passed"] == false);
        let failed: Vec<&Value> = failed.map(|check| &check["name"]).collect();
        assert_eq!(failed, ["longest time without service"], "{report}");
        let gap = report["longest_gap_ms"].as_u64().unwrap();
        assert!((900..5000).contains(&gap), "{gap} ms");
        assert_eq!(report["outages"][0]["over"], true);
        assert!(report["retries_by_cause"]["time_out"].as_u64() > Some(0), "{report}");
        assert_eq!(report["contacts"], report["completed"], "{report}");
        assert!(said.contains("s without service"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn tells_of_a_contact_that_is_lost() {
    alone(async {
        let redis = RedisServer::start().await.unwrap();
        let stack = Stack::start(&redis.url(), 1, 1, &[]).await;
        let running = start(stack.apis[0].address(), "--seconds 4 --rate 30");
        under_load(&stack).await;
        // As if a failover had lost it. It has been completed by now.
        let keys =
            redis.cli(&["--scan", "--pattern", "*:availability:contact:avail-*-c0"]).unwrap();
        assert_eq!(redis.cli(&["DEL", keys.trim()]).unwrap().trim(), "1", "{keys}");
        let (code, report, said) = running.await.unwrap();

        assert_eq!(code, Some(1), "{said}");
        let checks = report["checks"].as_array().unwrap();
        let ledger = "every acknowledged contact is as we were told";
        let check = checks.iter().find(|check| check["name"] == ledger).unwrap();
        assert_eq!(check["passed"], false, "{report}");
        assert!(check["detail"].as_str().unwrap().contains("-c0: lost"), "{check}");
    })
    .await;
}
