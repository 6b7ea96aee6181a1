//! The dispatcher on a real Redis that comes and goes.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

mod support;

use std::time::Duration;

use acd_core::ids::CenterId;
use acd_process::metric::untold;
use acd_testing::{RedisServer, poll};

use self::support::Dispatcher;

#[tokio::test]
async fn a_contact_and_an_agent_meet_whoever_comes_first() {
    let redis = RedisServer::start().await.unwrap();
    let dispatcher = Dispatcher::start(&redis).await;
    dispatcher.ready_agent("ann").await;
    dispatcher.contact("first").await;
    dispatcher.assigned("first").await;
    dispatcher.contact("second").await;
    dispatcher.ready_agent("bob").await;
    dispatcher.assigned("second").await;
    assert!(dispatcher.stop().await);
}

#[tokio::test]
async fn looks_once_more_when_it_is_told_to_stop() {
    let redis = RedisServer::start().await.unwrap();
    let dispatcher = Dispatcher::start(&redis).await;
    for number in 0..20 {
        dispatcher.ready_agent(&format!("agent-{number}")).await;
        dispatcher.contact(&format!("contact-{number}")).await;
    }
    let store = dispatcher.store.clone();
    assert!(dispatcher.stop().await);
    let waiting = store.read_stats(&CenterId::main()).await.unwrap().waiting;
    assert_eq!(waiting, 0);
}

#[tokio::test]
async fn comes_back_when_redis_does() {
    let mut redis = RedisServer::start().await.unwrap();
    let dispatcher = Dispatcher::start(&redis).await;
    let status = |path| dispatcher.http_status(path);
    poll("readiness", async || (status("readyz").await == 200).then_some(())).await;

    redis.kill().unwrap();
    poll("loss of readiness", async || (status("readyz").await == 503).then_some(())).await;
    // A restart of the dispatcher would not bring Redis back.
    assert_eq!(status("healthz").await, 200);

    redis.restart().await.unwrap();
    poll("readiness", async || (status("readyz").await == 200).then_some(())).await;
    dispatcher.create_center().await;
    dispatcher.ready_agent("ann").await;
    dispatcher.contact("after").await;
    dispatcher.assigned("after").await;
    assert!(dispatcher.stop().await);
}

#[tokio::test]
async fn several_share_the_work_without_doing_it_twice() {
    let redis = RedisServer::start().await.unwrap();
    let (one, two) = tokio::join!(Dispatcher::start(&redis), Dispatcher::start(&redis));
    for number in 0..40 {
        let (contact, agent) = (format!("contact-{number}"), format!("agent-{number}"));
        tokio::join!(one.contact(&contact), two.ready_agent(&agent));
    }
    for number in 0..40 {
        one.assigned(&format!("contact-{number}")).await;
    }
    let consistency = one.store.consistency(&CenterId::main()).await.unwrap();
    assert!(consistency.consistent, "{consistency:?}");
    assert!(one.stop().await & two.stop().await);
}

#[tokio::test]
async fn tells_what_it_did_in_metrics() {
    let redis = RedisServer::start().await.unwrap();
    let dispatcher = Dispatcher::start(&redis).await;
    dispatcher.ready_agent("ann").await;
    dispatcher.contact("counted").await;
    dispatcher.assigned("counted").await;
    let metrics = poll("metrics", async || {
        let text = dispatcher.http_text("metrics").await;
        text.contains("acd_assignments_total").then_some(text)
    })
    .await;
    for name in [
        "acd_contact_wait_seconds_bucket",
        "acd_time_to_assign_seconds_bucket",
        "acd_dispatch_steps_total",
    ] {
        assert!(metrics.contains(name), "no {name} in\n{metrics}");
    }
    let table = [acd_dispatcher::METRICS, acd_store::scrape::METRICS].concat();
    assert_eq!(untold(&metrics, &table), Vec::<String>::new());
    assert!(dispatcher.stop().await);
}

#[tokio::test]
async fn ends_soon_although_redis_is_away() {
    let mut redis = RedisServer::start().await.unwrap();
    let dispatcher = Dispatcher::start(&redis).await;
    redis.kill().unwrap();
    poll("loss of readiness", async || {
        (dispatcher.http_status("readyz").await == 503).then_some(())
    })
    .await;
    let stopped = tokio::time::timeout(Duration::from_secs(15), dispatcher.stop()).await;
    assert_eq!(stopped, Ok(true));
}
