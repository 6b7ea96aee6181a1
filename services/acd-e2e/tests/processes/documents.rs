//! The form of documents: chosen by what the server has, and the same for every process.

use acd_testing::{RedisServer, document_type};
use serde_json::json;

use crate::{
    audit::{all_is_well, consistent},
    harness::{Ask, Stack, alone, run, seed},
    lifecycle::all_of_it,
    load::Load,
};

/// Everything that can happen to contacts and agents, in the form that the server allows.
#[tokio::test]
async fn contacts_live_in_the_form_that_the_server_has() {
    let (redis, kept_as) = (RedisServer::start().await.unwrap(), document_type());
    let url = redis.url();
    if kept_as == "hash" {
        assert!(refused(&url, "json").contains("RedisJSON 2.6"));
    }
    let stack = Stack::start(&url, 1, 1, &[]).await;
    let client = stack.client("main");
    all_of_it(&client).await;
    consistent(&client).await;

    let keys = redis.cli(&["KEYS", "acd:*:contact:*"]).unwrap();
    assert!(keys.lines().count() >= 6, "{keys}");
    for key in keys.lines() {
        assert_eq!(redis.cli(&["TYPE", key]).unwrap(), kept_as, "{key}");
    }
    // The next process must know the form, or say that it does not.
    let said = refused(&url, if kept_as == "hash" { "json" } else { "hash" });
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

/// What an API says that is started with a form of documents that it can't have.
fn refused(url: &str, form: &str) -> String {
    let args = ["api", "--listen", "127.0.0.1:0", "--redis-url", url, "--documents", form];
    let output = run(&args);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_ne!(output.status.code(), Some(0), "{said}");
    said
}
