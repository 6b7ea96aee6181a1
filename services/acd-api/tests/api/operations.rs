use std::time::{Duration, Instant};

use acd_api::Limits;
use acd_process::metric::untold;
use acd_testing::{poll, soon};
use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::app::{Answer, TestApp};

#[tokio::test]
async fn says_that_it_lives_and_is_ready() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/healthz").await.expect(200), json!({"status": "ok"}));
    assert_eq!(app.get("/readyz").await.expect(200), json!({"status": "ready"}));
}

#[tokio::test]
async fn serves_its_description_and_a_page_to_browse_it() {
    let app = TestApp::start().await;
    let document = app.get("/openapi.json").await.expect(200);
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document, serde_json::to_value(acd_api::openapi()).unwrap());
    let page = app.get("/docs/").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html");
}

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_problems() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/v1/nothing").await.problem(), (404, "no_such_route"));
    let answer = app.delete("/v1/centers/main").await;
    assert_eq!(answer.problem(), (405, "method_not_allowed"));
    let mut allowed: Vec<_> = answer.header("allow").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "PUT"]);
}

#[tokio::test]
async fn metrics_count_requests_and_show_the_centers() {
    let app = TestApp::start().await;
    app.ready_agent("a1", &[]).await;
    app.contact("c1", &["nobody"]).await;
    let metrics = app.get("/metrics").await;
    assert_eq!(
        (metrics.status, metrics.header("content-type")),
        (200, "text/plain; version=0.0.4")
    );
    for line in [
        "# TYPE acd_http_requests_total counter",
        "# TYPE acd_http_request_duration_seconds histogram",
        "route=\"/v1/centers/{center}/contacts\",method=\"POST\",status=\"201\"",
        "acd_contacts_waiting{center=\"main\"} 1\n",
        "acd_oldest_waiting_seconds{center=\"main\"} ",
        "acd_agents{center=\"main\",state=\"available\"} 1\n",
        "acd_agents{center=\"main\",state=\"busy\"} 0\n",
    ] {
        assert!(metrics.text.contains(line), "{line}\nis not in\n{}", metrics.text);
    }
    let table = [acd_api::METRICS, acd_store::scrape::METRICS].concat();
    assert_eq!(untold(&metrics.text, &table), Vec::<String>::new());
}

#[tokio::test]
async fn without_redis_it_lives_is_not_ready_and_says_503_until_redis_is_back() {
    let mut app = TestApp::start().await;
    app.redis.kill().unwrap();
    app.until_ready(503).await;
    assert_eq!(app.get("/readyz").await.problem(), (503, "unavailable"));
    app.get("/healthz").await.expect(200);
    let answer = app.get("/v1/centers/main").await;
    assert_eq!(answer.problem(), (503, "unavailable"));
    assert_eq!(answer.header("retry-after"), "1");

    let began = Instant::now();
    let metrics = app.get("/metrics").await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(metrics.text.contains("acd_http_requests_total"));
    assert!(!metrics.text.contains("acd_contacts_waiting{"), "nobody knows how many wait");

    app.redis.restart().await.unwrap();
    app.until_ready(200).await;
    // It came back empty, and `main` is there all the same.
    assert_eq!(app.get("/v1/centers/main").await.expect(200)["open"], true);
}

#[tokio::test]
async fn drains_readiness_first_then_finishes_and_ends_clean() {
    let limits = Limits { drain_time: Duration::from_millis(600), ..Limits::default() };
    let mut app = TestApp::start_with(limits).await;
    assert_eq!(app.get("/healthz").await.header("connection"), "");
    app.lifecycle.stop();
    app.until_ready(404).await;
    assert_eq!(app.get("/readyz").await.problem(), (404, "draining"));
    // Still served, on new connections too, and each is the last on its connection.
    let answer = app.get("/v1/centers/main").await;
    assert_eq!((answer.status, answer.header("connection")), (200, "close"));
    soon(app.stop()).await.unwrap();
    let refused = app.request(Method::GET, "/healthz").send().await.unwrap_err();
    assert!(refused.is_connect(), "{refused}");
}

#[tokio::test]
async fn a_request_in_flight_is_finished_within_the_grace() {
    let limits = Limits { drain_time: Duration::from_millis(50), ..Limits::default() };
    let mut app = TestApp::start_with(limits).await;
    // A lost Redis makes a request last as long as the store's deadline, a second.
    app.redis.kill().unwrap();
    let request = app.request(Method::GET, "/v1/centers/main");
    let in_flight = app.lifecycle.spawn(Answer::of(request));
    tokio::time::sleep(Duration::from_millis(100)).await;
    soon(app.stop()).await.unwrap();
    assert_eq!(in_flight.await.unwrap().problem(), (503, "unavailable"));
}

#[tokio::test]
async fn half_a_request_does_not_hold_up_the_end() {
    let mut app = TestApp::start().await;
    let mut connection = TcpStream::connect(app.address()).await.unwrap();
    connection.write_all(b"GET /healthz HTTP/1.1\r\nhost: a").await.unwrap();
    // Another connection's answer shows that the server has seen what was sent before.
    app.get("/healthz").await.expect(200);
    let began = Instant::now();
    soon(app.stop()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(connection.read(&mut [0; 64]).await.unwrap(), 0, "it was closed, unanswered");
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let mut app = TestApp::start().await;
    app.get("/healthz").await.expect(200);
    let began = Instant::now();
    soon(app.stop()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let gone = async || app.request(Method::GET, "/healthz").send().await.is_err().then_some(());
    poll("refusal of connections", gone).await;
}
