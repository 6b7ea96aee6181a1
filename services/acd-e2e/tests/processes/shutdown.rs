//! Processes are asked to leave: SIGTERM under load.

use acd_testing::RedisServer;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    audit::all_is_well,
    harness::{Ask, Client, Stack, alone, is_ready, poll, seed},
    load::Load,
};

#[tokio::test]
async fn an_api_that_leaves_fails_no_request() {
    alone(async {
        let (seed, redis) = (seed(), RedisServer::start().await.unwrap());
        let mut stack = Stack::start(&redis.url(), 2, 1, &[]).await;
        let client = stack.client("main");
        let mut load = Load::start(&client, seed).await;
        for api in [0, 1, 0] {
            load.progress(20).await;
            stack.apis[api].terminate();
            // As a load balancer does: it sends nothing more to one that is not ready.
            is_ready(&stack.apis[api], 404).await;
            stack.take_out(api);
            let ended = stack.apis[api].ended().await;
            assert_eq!(ended.code(), Some(0), "{ended}");
            stack.restart_api(api).await;
            is_ready(&stack.apis[api], 200).await;
        }
        load.progress(20).await;
        all_is_well(&client, &load.finish().await).await;
        assert_eq!(client.repeats(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_dispatcher_that_leaves_leaves_nothing_behind() {
    alone(async {
        let (seed, redis) = (seed(), RedisServer::start().await.unwrap());
        let mut stack = Stack::start(&redis.url(), 1, 2, &[]).await;
        let client = stack.client("main");
        let mut load = Load::start(&client, seed).await;
        for dispatcher in [0, 1, 0, 1] {
            load.progress(20).await;
            let leaving = &mut stack.dispatchers[dispatcher];
            leaving.terminate();
            let ended = leaving.ended().await;
            assert_eq!(ended.code(), Some(0), "{ended}");
            load.progress(5).await;
            stack.dispatchers[dispatcher].restart().await;
        }
        all_is_well(&client, &load.finish().await).await;
    })
    .await;
}

/// A client with a slow line: its request has begun, and ends after nothing new is accepted.
#[tokio::test]
async fn a_request_that_has_begun_is_finished() {
    let redis = RedisServer::start().await.unwrap();
    let mut stack = Stack::start(&redis.url(), 1, 0, &["--drain-time", "300ms"]).await;
    let api = &mut stack.apis[0];
    let address = api.address().strip_prefix("http://").unwrap().to_owned();

    let events = Client::to(api);
    let stream = events.stream("0").await.unwrap();
    let mut slow = TcpStream::connect(&address).await.unwrap();
    let body = r#"{"id":"slow"}"#;
    let head = format!(
        "POST /v1/centers/main/contacts HTTP/1.1\r\nhost: acd\r\ncontent-length: {}\r\n\
         content-type: application/json\r\n\r\n",
        body.len()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    api.terminate();
    poll("end of listening", async || TcpStream::connect(&address).await.err()).await;
    slow.write_all(body.as_bytes()).await.unwrap();

    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    // The stream ends as it should, and is not cut off.
    let seen = stream.text().await.unwrap();
    assert!(seen.contains("event: center.updated"), "{seen}");
    let ended = api.ended().await;
    assert_eq!(ended.code(), Some(0), "{ended}");

    stack.restart_api(0).await;
    let contact = stack.client("main").call(Ask::get("contacts/slow")).await;
    assert_eq!(contact.expect(200)["state"], "queued");
}
