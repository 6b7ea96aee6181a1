use std::time::Duration;

use acd_api::Limits;
use acd_testing::{poll, soon};
use reqwest::Method;
use serde_json::Value;

use crate::app::{Answer, TestApp};

const EVENTS: &str = "/v1/centers/main/events";

/// A client of the stream, as a browser is one.
struct Watcher {
    response: reqwest::Response,
    text: String,
}

/// One event as it came.
#[derive(Debug)]
struct Seen {
    id: String,
    kind: String,
    data: Value,
}

impl Watcher {
    async fn start(app: &TestApp, path: &str, last: Option<&str>) -> Self {
        let mut request = app.request(Method::GET, path).header("accept", "text/event-stream");
        if let Some(id) = last {
            request = request.header("last-event-id", id);
        }
        let response = soon(request.send()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The next event, comments and the retry time passed over; `None` at the end.
    async fn next(&mut self) -> Option<Seen> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let line = block.lines().find_map(|line| line.strip_prefix(name));
                    line.map(|value| value.trim_start_matches(": ").to_owned())
                };
                let seen = field("data").map(|data| Seen {
                    id: field("id").unwrap(),
                    kind: field("event").unwrap(),
                    data: serde_json::from_str(&data).unwrap(),
                });
                rest.to_owned().clone_into(&mut self.text);
                if seen.is_some() {
                    return seen;
                }
                continue;
            }
            let chunk = soon(self.response.chunk()).await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The contacts of the next `n` events.
    async fn contacts(&mut self, n: usize) -> Vec<String> {
        let mut contacts = Vec::new();
        for _ in 0..n {
            let seen = self.next().await.unwrap();
            assert_eq!(
                (seen.data["id"].as_str(), seen.data["type"].as_str()),
                (Some(&*seen.id), Some(&*seen.kind))
            );
            contacts.push(seen.data["contact"].as_str().unwrap().to_owned());
        }
        contacts
    }
}

fn names(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|n| format!("c{n}")).collect()
}

#[tokio::test]
async fn a_stream_begins_now_and_brings_what_comes() {
    let app = TestApp::start().await;
    app.contact("before", &[]).await;
    let mut watchers =
        [Watcher::start(&app, EVENTS, None).await, Watcher::start(&app, EVENTS, None).await];
    for name in names(0, 20) {
        app.contact(&name, &[]).await;
    }
    for watcher in &mut watchers {
        assert_eq!(watcher.contacts(20).await, names(0, 20));
    }
}

#[tokio::test]
async fn a_stream_resumes_where_it_broke_off_without_gap_or_repeat() {
    let app = TestApp::start().await;
    let mut first = Watcher::start(&app, EVENTS, None).await;
    app.contact("c0", &[]).await;
    let last = first.next().await.unwrap().id;
    drop(first);
    // More than the log is read by at once, while others join and leave.
    let writes = async {
        for name in names(1, 700) {
            app.contact(&name, &[]).await;
        }
    };
    let reads = async {
        let mut header = Watcher::start(&app, EVENTS, Some(&last)).await;
        assert_eq!(header.contacts(699).await, names(1, 700));
    };
    let query = async {
        let path = format!("{EVENTS}?after={last}");
        let mut query = Watcher::start(&app, &path, None).await;
        assert_eq!(query.contacts(300).await, names(1, 301));
        drop(query);
        // The header is the younger of the two.
        let mut both = Watcher::start(&app, &format!("{EVENTS}?after=0"), Some(&last)).await;
        assert_eq!(both.contacts(699).await, names(1, 700));
    };
    tokio::join!(writes, reads, query);
}

#[tokio::test]
async fn a_stream_outlives_the_request_time_out_and_a_lost_redis() {
    let limits = Limits { request_timeout: Duration::from_millis(1500), ..Limits::default() };
    let mut app = TestApp::start_with(limits).await;
    let mut watcher = Watcher::start(&app, EVENTS, None).await;
    app.contact("c0", &[]).await;
    assert_eq!(watcher.contacts(1).await, ["c0"]);
    app.redis.kill().unwrap();
    app.until_ready(503).await;
    app.redis.restart().await.unwrap();
    app.until_ready(200).await;
    poll("center", async || (app.get("/v1/centers/main").await.status == 200).then_some(())).await;
    // This Redis kept nothing; its clock goes on, and so do the ids of the events.
    app.contact("c1", &[]).await;
    loop {
        let seen = watcher.next().await.unwrap();
        if seen.kind == "contact.queued" {
            assert_eq!(seen.data["contact"], "c1");
            break;
        }
    }
}

#[tokio::test]
async fn one_stream_too_many_is_refused_until_another_ends() {
    let app = TestApp::start().await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(Watcher::start(&app, EVENTS, None).await);
    }
    let more =
        || Answer::of(app.request(Method::GET, EVENTS).header("accept", "text/event-stream"));
    let refused = more().await;
    assert_eq!(refused.problem(), (503, "too_many_streams"));
    assert_eq!(refused.header("retry-after"), "1");
    open.pop();
    poll("seat", async || {
        let request = app.request(Method::GET, EVENTS).header("accept", "text/event-stream");
        (request.send().await.unwrap().status() == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_cannot_begin_is_a_problem() {
    let app = TestApp::start().await;
    let stream = |path: &str| app.request(Method::GET, path).header("accept", "text/event-stream");
    let nowhere = Answer::of(stream("/v1/centers/nowhere/events")).await;
    assert_eq!(nowhere.problem(), (404, "no_such_center"));
    let bad = Answer::of(stream(EVENTS).header("last-event-id", "x")).await;
    assert_eq!(bad.problem(), (422, "invalid_value"));
}

#[tokio::test]
async fn streams_end_when_the_drain_does() {
    let mut app = TestApp::start().await;
    let mut watcher = Watcher::start(&app, EVENTS, None).await;
    app.contact("c0", &[]).await;
    app.lifecycle.stop();
    assert_eq!(watcher.contacts(1).await, ["c0"]);
    assert!(watcher.next().await.is_none());
    soon(app.stop()).await.unwrap();
}
