//! `acd standalone`: what it keeps, and what becomes of its Redis.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
};

use acd_testing::poll;
use serde_json::{Value, json};

use crate::support::{Standalone, acd, complaint, is_running, signal};

#[tokio::test]
async fn a_contact_goes_to_the_agent_who_is_ready() {
    let work = tempfile::tempdir().unwrap();
    let acd = Standalone::start(&work).await;
    let agent = json!({ "id": "ann", "skills": ["english"] });
    assert_eq!(acd.call("POST", "agents", agent).await.unwrap().0, 201);
    acd.call("PUT", "agents/ann/state", json!({ "presence": "ready" })).await.unwrap();
    assert!(acd.create_contact("first").await);
    let contact = poll("assignment", async || {
        let (_, contact) = acd.call("GET", "contacts/first", Value::Null).await?;
        (contact["state"] == "assigned").then_some(contact)
    });
    assert_eq!(contact.await["agent"], "ann");
}

#[tokio::test]
async fn ctrl_c_ends_it_cleanly_and_the_data_stays() {
    let work = tempfile::tempdir().unwrap();
    let mut acd = Standalone::start(&work).await;
    assert_eq!(acd.create_contacts("kept", |created| created == 20).await, 20);
    let redis = acd.redis_pid().unwrap();
    let mode = fs::metadata(&acd.data).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);

    acd.interrupt();
    assert_eq!(acd.ended().await.code(), Some(0), "{}", acd.log());
    assert!(!is_running(redis));
    assert!(!acd.log().contains("ERROR"), "{}", acd.log());
    // Redis itself says how it ended.
    let said = fs::read_to_string(acd.data.join("redis.log")).unwrap();
    assert!(said.contains("ready to exit, bye bye"), "{said}");

    let again = Standalone::start(&work).await;
    again.assert_has_contacts("kept", 20).await;
}

#[tokio::test]
async fn killed_while_it_writes_it_loses_nothing_and_starts_again() {
    let work = tempfile::tempdir().unwrap();
    let mut acd = Standalone::start(&work).await;
    let orphan = acd.redis_pid().unwrap();
    let created = AtomicUsize::new(0);
    let (acknowledged, ()) = tokio::join!(
        acd.create_contacts("kept", |count| {
            created.store(count, SeqCst);
            false
        }),
        async {
            poll("writes", async || (created.load(SeqCst) >= 100).then_some(())).await;
            signal("KILL", &acd.pid().to_string());
        }
    );
    acd.ended().await;
    assert!(acknowledged >= 100);
    assert!(is_running(orphan), "the point of this test is the Redis that is left");

    let again = Standalone::start(&work).await;
    assert!(!is_running(orphan));
    again.assert_has_contacts("kept", acknowledged).await;
    assert!(again.create_contact("more").await);
}

#[tokio::test]
async fn a_redis_that_dies_is_started_again_with_its_data() {
    let work = tempfile::tempdir().unwrap();
    let acd = Standalone::start(&work).await;
    let first = acd.redis_pid().unwrap();
    let killed = AtomicBool::new(false);
    // Every client tries again, so this one does.
    let writes = async {
        let mut after = 0;
        let mut number = 0;
        while after < 50 {
            let id = format!("kept-{number}");
            poll("acknowledgement", async || acd.create_contact(&id).await.then_some(())).await;
            number += 1;
            after += usize::from(killed.load(SeqCst));
        }
        number
    };
    let kill = async {
        poll("writes", async || {
            let (_, stats) = acd.call("GET", "stats", Value::Null).await?;
            (stats["waiting"].as_u64()? >= 50).then_some(())
        })
        .await;
        signal("KILL", &first.to_string());
        poll("new Redis", async || acd.redis_pid().filter(|pid| *pid != first)).await;
        killed.store(true, SeqCst);
    };
    let (created, ()) = tokio::join!(writes, kill);
    acd.assert_has_contacts("kept", created).await;
    let (_, consistency) = acd.call("GET", "consistency", Value::Null).await.unwrap();
    assert_eq!(consistency["consistent"], true, "{consistency}");
}

#[tokio::test]
async fn one_data_directory_is_for_one_at_a_time() {
    let work = tempfile::tempdir().unwrap();
    let first = Standalone::start(&work).await;
    let mut second = acd(work.path());
    second.args(["standalone", "--listen", "127.0.0.1:0", "--data-dir", "data"]);
    let line = complaint(&mut second, 1);
    assert!(line.contains("in use by another acd standalone"), "{line}");
    assert!(first.create_contact("still-here").await);
}

#[tokio::test]
async fn works_where_the_path_is_too_long_for_a_socket() {
    let work = tempfile::tempdir().unwrap();
    let data = format!("{}/with space", "long".repeat(40));
    let mut acd = Standalone::start_with(work.path(), &data, &[]).await;
    assert!(acd.create_contact("kept-0").await);
    let orphan = acd.redis_pid().unwrap();
    acd.kill();

    let mut again = Standalone::start_with(work.path(), &data, &["--redis-fsync", "always"]).await;
    assert!(!is_running(orphan));
    again.assert_has_contacts("kept", 1).await;
    again.interrupt();
    assert_eq!(again.ended().await.code(), Some(0), "{}", again.log());
}

#[tokio::test]
async fn uses_the_redis_it_is_told_to_and_leaves_it_running() {
    let work = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    let owner = Standalone::start(&other).await;
    let url = format!("redis+unix://{}", owner.data.join("redis.sock").display());
    let mut guest = Standalone::start_with(work.path(), "data", &["--redis-url", &url]).await;
    assert!(guest.create_contact("shared-0").await);
    assert!(!guest.data.exists());
    guest.interrupt();
    assert_eq!(guest.ended().await.code(), Some(0), "{}", guest.log());
    owner.assert_has_contacts("shared", 1).await;
}

#[tokio::test]
async fn says_why_redis_does_not_start() {
    let work = tempfile::tempdir().unwrap();
    let mut first = Standalone::start(&work).await;
    assert!(first.create_contact("kept").await);
    first.interrupt();
    assert_eq!(first.ended().await.code(), Some(0));
    let manifest = first.data.join("appendonlydir/appendonly.aof.manifest");
    fs::write(manifest, "file of nobody\n").unwrap();

    let mut broken = acd(work.path());
    broken.args(["standalone", "--listen", "127.0.0.1:0", "--data-dir", "data", "--log", "off"]);
    let line = complaint(&mut broken, 1);
    assert!(
        line.contains("Redis ended before it was ready") && line.contains("redis.log"),
        "{line}"
    );
}
