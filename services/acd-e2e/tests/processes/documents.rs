//! Both forms of documents: the whole of what can be done, and the same answers.

use acd::testing::{RedisServer, redis_json_module};
use serde_json::json;

use crate::{
    audit::{all_is_well, consistent},
    harness::{Ask, Stack, alone, run, seed},
    lifecycle::all_of_it,
    load::Load,
};

#[tokio::test]
async fn contacts_live_as_hashes() {
    let redis = RedisServer::start().await.unwrap();
    lifecycle(&redis, "hash", "hash").await;
}

#[tokio::test]
async fn contacts_live_as_json() {
    let Some(module) = redis_json_module().await else {
        return;
    };
    let module: Vec<&str> = module.iter().map(String::as_str).collect();
    let redis = RedisServer::start_with(&module).await.unwrap();
    lifecycle(&redis, "auto", "ReJSON-RL").await;
}

/// Everything that can happen to contacts and agents, in a database that keeps them so.
async fn lifecycle(redis: &RedisServer, choice: &str, kept_as: &str) {
    let stack = Stack::start(&redis.url(), 1, 1, &["--documents", choice]).await;
    let client = stack.client("main");
    all_of_it(&client).await;
    consistent(&client).await;

    let keys = redis.cli(&["KEYS", "acd:*:contact:*"]).unwrap();
    assert!(keys.lines().count() >= 6, "{keys}");
    for key in keys.lines() {
        assert_eq!(redis.cli(&["TYPE", key]).unwrap(), kept_as, "{key}");
    }
    // The next process must know the form, or say that it does not.
    let other = if kept_as == "hash" { "json" } else { "hash" };
    let url = redis.url();
    let refused =
        run(&["api", "--listen", "127.0.0.1:0", "--redis-url", &url, "--documents", other]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_ne!(refused.status.code(), Some(0), "{said}");
    assert!(said.contains("ACD_DOCUMENTS"), "{said}");

    alone(async {
        let client = stack.client("other");
        client.call(Ask::put("/v1/centers/other").body(json!({}))).await.expect(201);
        let mut load = Load::start(&client, seed()).await;
        load.progress(100).await;
        all_is_well(&client, &load.finish().await).await;
    })
    .await;
}
