//! Redis hangs: it is there and does not answer.

use std::time::{Duration, Instant};

use acd_testing::RedisServer;
use serde_json::json;

use crate::{
    audit::all_is_well,
    harness::{Ask, Client, Stack, alone, is_ready, seed, signal},
    load::Load,
};

/// A request may take so long by the API's own time-out; a second more for a busy machine.
const AT_MOST: Duration = Duration::from_secs(6);

#[tokio::test]
async fn a_redis_that_hangs_is_told_as_503_until_it_is_back() {
    alone(async {
        let (seed, redis) = (seed(), RedisServer::start().await.unwrap());
        let stack = Stack::start(&redis.url(), 1, 1, &[]).await;
        let (api, dispatcher) = (&stack.apis[0], &stack.dispatchers[0]);
        let client = stack.client("main");
        let mut load = Load::start(&client, seed).await;
        load.progress(20).await;

        let redis_pid = process_id(&redis);
        signal("STOP", redis_pid);
        // Nobody here knows Latin, so these stay where they are.
        let named = Ask::post("contacts").body(json!({ "id": "during", "skills": ["latin"] }));
        let keyed = Ask::post("contacts").body(json!({ "skills": ["latin"] })).key("during");
        let ready = Ask::put("agents/ann/state").body(json!({ "presence": "ready" }));
        tokio::join!(
            is_told_503(&client, named.clone()),
            is_told_503(&client, keyed.clone()),
            is_told_503(&client, ready),
            is_told_503(&client, Ask::get("contacts/any")),
            is_told_503(&client, Ask::get("contacts")),
            is_told_503(&client, Ask::get("/contact/contact:any")),
            is_ready(api, 503),
            is_ready(dispatcher, 503),
        );
        for process in [api, dispatcher] {
            for path in ["/healthz", "/metrics"] {
                let client = Client::to(process);
                assert_eq!(client.once(Ask::get(path)).await.unwrap().status, 200);
            }
        }

        signal("CONT", redis_pid);
        stack.ready().await;
        load.progress(20).await;
        // What was answered 503 may have been done or not; sent again it is done once.
        for ask in [named, keyed] {
            let answer = client.call(ask).await;
            assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
            let cancel = format!("contacts/{}/cancel", answer.body["id"].as_str().unwrap());
            client.call(Ask::post(&cancel)).await.expect(200);
        }
        all_is_well(&client, &load.finish().await).await;
    })
    .await;
}

/// The request is answered with a 503 that a client can read, and soon enough.
async fn is_told_503(client: &Client, ask: Ask) {
    let (began, asked) = (Instant::now(), format!("{ask:?}"));
    let answer = client.once(ask).await.expect("an answer");
    let took = began.elapsed();
    assert_eq!(answer.status, 503, "{asked} after {took:?}: {}", answer.body);
    assert!(took < AT_MOST, "{asked} took {took:?}");
    let header = |name| answer.header(name).unwrap_or_default();
    assert_eq!(header("content-type"), "application/problem+json");
    assert_eq!(header("retry-after"), "1");
    assert_eq!(answer.body["type"], "/problems/unavailable");
    assert_eq!(answer.body["request_id"], header("x-request-id"));
}

fn process_id(redis: &RedisServer) -> u32 {
    let info = redis.cli(&["INFO", "server"]).unwrap();
    let line = info.lines().find_map(|line| line.strip_prefix("process_id:"));
    line.unwrap().trim().parse().unwrap()
}
