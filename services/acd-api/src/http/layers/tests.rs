use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    http::Request,
    routing::{get, post},
};
use tokio::sync::Notify;

use super::*;
use crate::testing::{call, send};

async fn panics() {
    panic!("the pin is 1234")
}

/// A router with everything around it, and routes that go wrong in their ways.
fn router(limits: &Limits, readiness: Readiness) -> (Router, Arc<Notify>) {
    let go = Arc::new(Notify::new());
    let gate = go.clone();
    let api = Router::new()
        .route("/ok", get(|| async { "ok" }).put(|| async {}))
        .route(
            "/takes",
            post(|body: Result<Bytes, _>| async move {
                body.map(|_: Bytes| ()).map_err(|_: axum::extract::rejection::BytesRejection| {
                    ApiError::new(Kind::BodyTooLarge, "too large")
                })
            }),
        )
        .route("/panics", get(panics))
        .route("/never", get(std::future::pending::<()>))
        .route("/late/consistency", get(|| tokio::time::sleep(Duration::from_millis(500))))
        .route("/waits", get(|| async move { gate.notified().await }));
    let probes = Router::new().route("/healthz", get(|| async { "ok" }));
    let all = around_api(api, limits)
        .merge(probes)
        .fallback(no_such_route)
        .method_not_allowed_fallback(method_not_allowed);
    (around_all(all, limits, readiness), go)
}

fn plain() -> Router {
    router(&Limits::default(), Readiness::new()).0
}

#[tokio::test]
async fn an_unknown_path_is_a_problem() {
    assert_eq!(send(&plain(), "GET", "/nowhere", "").await.problem(), (404, "no_such_route"));
}

#[tokio::test]
async fn a_wrong_method_is_a_problem_that_says_which_are_right() {
    let answer = send(&plain(), "DELETE", "/ok", "").await;
    assert_eq!(answer.problem(), (405, "method_not_allowed"));
    assert_eq!(answer.header("allow"), "GET,HEAD,PUT");
}

#[tokio::test]
async fn a_panic_is_a_problem_without_its_message() {
    let answer = send(&plain(), "GET", "/panics", "").await;
    assert_eq!(answer.problem(), (500, "internal"));
    assert!(!answer.body.to_string().contains("1234"));
}

#[tokio::test]
async fn what_takes_too_long_is_a_problem_and_not_to_be_retried_blindly() {
    let limits = Limits { request_timeout: Duration::from_millis(20), ..Limits::default() };
    let (router, _) = router(&limits, Readiness::new());
    let answer = send(&router, "GET", "/never", "").await;
    assert_eq!(answer.problem(), (504, "timed_out"));
    assert_eq!(answer.header("retry-after"), "");
}

#[tokio::test]
async fn a_look_at_everything_may_take_longer() {
    let limits = Limits { request_timeout: Duration::from_millis(200), ..Limits::default() };
    let (router, _) = router(&limits, Readiness::new());
    assert_eq!(send(&router, "GET", "/late/consistency", "").await.status, 200);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_a_problem() {
    let limits = Limits { body_limit: 10, ..Limits::default() };
    let (router, _) = router(&limits, Readiness::new());
    assert_eq!(send(&router, "POST", "/takes", "0123456789").await.status, 200);
    assert_eq!(
        send(&router, "POST", "/takes", "0123456789a").await.problem(),
        (413, "body_too_large")
    );
}

#[tokio::test]
async fn sheds_what_is_too_much_at_once_but_no_probe() {
    let limits = Limits { max_requests: 1, ..Limits::default() };
    let (router, go) = router(&limits, Readiness::new());
    let (first, others) = tokio::join!(send(&router, "GET", "/waits", ""), async {
        let shed = send(&router, "GET", "/ok", "").await;
        let probe = send(&router, "GET", "/healthz", "").await;
        go.notify_one();
        (shed, probe)
    });
    let (shed, probe) = others;
    assert_eq!(shed.problem(), (503, "overloaded"));
    assert_eq!(shed.header("retry-after"), "1");
    assert_eq!((first.status.as_u16(), probe.status.as_u16()), (200, 200));
    assert_eq!(send(&router, "GET", "/ok", "").await.status, 200);
}

#[tokio::test]
async fn keeps_the_request_id_of_the_client_when_it_is_fit_for_a_log() {
    let with_id =
        |id: &str| Request::get("/ok").header("x-request-id", id).body(Body::empty()).unwrap();
    let router = plain();
    assert_eq!(call(&router, with_id("abc-1")).await.header("x-request-id"), "abc-1");
    for unfit in ["", "a b", &"x".repeat(129)] {
        let answer = call(&router, with_id(unfit)).await;
        assert_eq!(answer.header("x-request-id").len(), 36, "{unfit:?}");
    }
}

#[tokio::test]
async fn closes_connections_only_while_draining() {
    let readiness = Readiness::new();
    let (router, _) = router(&Limits::default(), readiness.clone());
    assert_eq!(send(&router, "GET", "/ok", "").await.header("connection"), "");
    readiness.drain();
    assert_eq!(send(&router, "GET", "/ok", "").await.header("connection"), "close");
}

#[tokio::test]
async fn a_body_that_never_ends_holds_up_nobody_else() {
    let limits = Limits { max_requests: 1, ..Limits::default() };
    let (router, _) = router(&limits, Readiness::new());
    let endless = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let request = Request::post("/takes").body(Body::from_stream(endless)).unwrap();
    let (slow, other) = tokio::join!(call(&router, request), send(&router, "GET", "/ok", ""));
    assert_eq!(other.status, 200);
    assert_eq!(slow.problem(), (408, "body_too_slow"));
}
