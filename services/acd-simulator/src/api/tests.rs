//! What is repeated, what is not, and what is told of it.

use acd_process::lifecycle::Lifecycle;

use super::*;
use crate::testing::{answer, serve};

const CONTACT: &str = r#"{"id":"c-1","center":"main","state":"queued","skills":[],"priority":0,
    "queued_at":"2026-01-01T00:00:00Z","requeues":0}"#;

async fn create(answers: Vec<String>, retry_for: Duration) -> (Result<Contact, CallError>, u64) {
    let server = serve(answers, &Lifecycle::new()).await;
    let api = server.api(retry_for);
    let contact = api.create_contact(&"c-1".parse().unwrap(), &Skills::default()).await;
    for request in server.requests() {
        assert!(request.starts_with("POST /v1/centers/main/contacts HTTP/1.1\r\n"), "{request}");
    }
    (contact, api.retries())
}

#[tokio::test]
async fn repeats_what_may_go_well_the_next_time() {
    let answers = vec![
        String::new(), // the connection breaks
        answer("503 Service Unavailable\nretry-after: 0", "{}"),
        answer("500 Internal Server Error", "no problem document"),
        answer("429 Too Many Requests", "{}"),
        answer("201 Created", &CONTACT[..20]).replace("length: 20", "length: 99"), // cut off
        answer("200 OK", CONTACT),
    ];
    let (contact, retries) = create(answers, Duration::from_secs(20)).await;
    assert_eq!(contact.unwrap().id.as_str(), "c-1");
    assert_eq!(retries, 5);
}

#[tokio::test]
async fn waits_as_long_as_the_server_asks() {
    let busy = answer("503 Service Unavailable\nretry-after: 1", "{}");
    let begun = std::time::Instant::now();
    let answers = vec![busy, answer("201 Created", CONTACT)];
    create(answers, Duration::from_secs(20)).await.0.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn does_not_repeat_what_was_refused() {
    let problem = r#"{"type":"/problems/state_conflict","title":"t","status":409,"detail":"no"}"#;
    let (contact, retries) = create(vec![answer("409 Conflict", problem)], Duration::MAX).await;
    let error = contact.unwrap_err();
    assert!(error.is_conflict());
    assert_eq!((error.to_string(), retries), ("refused with 409 state_conflict: no".into(), 0));
}

#[tokio::test]
async fn gives_up_and_says_why() {
    let busy = answer("503 Service Unavailable", r#"{"title":"Redis is away"}"#);
    let (contact, _) = create(vec![busy], Duration::ZERO).await;
    let error = contact.unwrap_err().to_string();
    assert_eq!(
        error,
        "no answer after 1 attempts: refused with 503 Service Unavailable: Redis is away"
    );
}

#[tokio::test]
async fn deleting_what_is_gone_is_done() {
    let server = serve(vec![answer("404 Not Found", "{}")], &Lifecycle::new()).await;
    let deleted = server.api(Duration::ZERO).delete_agent(&"a".parse().unwrap()).await;
    assert!(deleted.is_ok());
}
