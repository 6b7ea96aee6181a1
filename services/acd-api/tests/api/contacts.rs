use serde_json::{Value, json};

use crate::app::{Answer, TestApp};

const CONTACTS: &str = "/v1/centers/main/contacts";

#[tokio::test]
async fn a_new_contact_is_queued_and_shown_as_given() {
    let app = TestApp::start().await;
    let body = json!({"id": "c1", "skills": ["spanish", "billing", "spanish"], "priority": 3, "attributes": {"n": [], "v": 1.50}});
    let answer = app.post(CONTACTS, body).await;
    assert_eq!(answer.header("location"), "/v1/centers/main/contacts/c1");
    let contact = answer.expect(201);
    let queued_at = contact["queued_at"].clone();
    assert!(
        queued_at.as_str().unwrap().ends_with('Z') && queued_at.as_str().unwrap().len() == 24,
        "{queued_at}"
    );
    let expected = json!({
        "id": "c1", "center": "main", "state": "queued", "skills": ["spanish", "billing"],
        "priority": 3, "attributes": {"n": [], "v": 1.50}, "queued_at": queued_at,
        "assigned_at": null, "ended_at": null, "agent": null, "reason": null, "requeues": 0,
        "position": 1, "estimated_wait_s": null,
    });
    assert_eq!(contact, expected);
    assert_eq!(app.get("/v1/centers/main/contacts/c1").await.expect(200), expected);
}

#[tokio::test]
async fn attributes_come_back_to_the_letter() {
    let app = TestApp::start().await;
    let body = r#"{"id":"c1","attributes":{ "a" : [ ], "z":1.500, "b":{} , "u":"\u00e9" }}"#;
    let request = app.request(reqwest::Method::POST, CONTACTS);
    let made = Answer::of(request.header("content-type", "application/json").body(body)).await;
    let letter = r#""attributes":{ "a" : [ ], "z":1.500, "b":{} , "u":"\u00e9" }"#;
    assert!(made.text.contains(letter), "{}", made.text);
    let read = app.get("/v1/centers/main/contacts/c1").await;
    assert!(read.text.contains(letter), "{}", read.text);
}

#[tokio::test]
async fn an_empty_body_object_is_a_contact_that_anybody_can_take() {
    let app = TestApp::start().await;
    let contact = app.post(CONTACTS, json!({})).await.expect(201);
    assert_eq!(contact["skills"], json!([]));
    assert_eq!(contact["id"].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn the_same_id_again_is_a_repeat_or_a_conflict() {
    let app = TestApp::start().await;
    let body = json!({"id": "c1", "skills": ["a"], "attributes": {"x": 1}});
    let first = app.post(CONTACTS, body.clone()).await.expect(201);
    let again = app.post(CONTACTS, body).await.expect(200);
    assert_eq!((&again["id"], &again["queued_at"]), (&first["id"], &first["queued_at"]));
    for other in [json!({"id": "c1"}), json!({"id": "c1", "skills": ["a"], "attributes": {"x": 2}})]
    {
        assert_eq!(app.post(CONTACTS, other).await.problem(), (409, "contact_exists"));
    }
}

#[tokio::test]
async fn the_same_idempotency_key_is_the_same_contact() {
    let app = TestApp::start().await;
    let body = json!({"skills": ["a"]});
    let first = app.post_keyed(CONTACTS, "call-17", body.clone()).await.expect(201);
    let again = app.post_keyed(CONTACTS, "call-17", body.clone()).await.expect(200);
    assert_eq!(again["id"], first["id"]);
    let other = app.post_keyed(CONTACTS, "call-18", body).await.expect(201);
    assert_ne!(other["id"], first["id"]);
    let reused = app.post_keyed(CONTACTS, "call-17", json!({})).await;
    assert_eq!(reused.problem(), (422, "idempotency_key_reused"));
}

#[tokio::test]
async fn an_id_and_a_key_must_be_the_same() {
    let app = TestApp::start().await;
    let answer = app.post_keyed(CONTACTS, "k", json!({"id": "c1"})).await;
    assert_eq!(answer.problem(), (422, "id_and_key"));
    let contact = app.post_keyed(CONTACTS, "c1", json!({"id": "c1"})).await.expect(201);
    assert_eq!(contact["id"], "c1");
}

#[tokio::test]
async fn a_closed_center_and_a_full_queue_reject() {
    let app = TestApp::start().await;
    app.put("/v1/centers/main", json!({"max_waiting": 1})).await.expect(200);
    app.post(CONTACTS, json!({"id": "c1"})).await.expect(201);
    let full = app.post(CONTACTS, json!({"id": "c2"})).await.expect(201);
    assert_eq!((&full["state"], &full["reason"]), (&json!("rejected"), &json!("queue_full")));
    assert!(full["ended_at"].is_string() && full["position"].is_null());
    app.put("/v1/centers/main", json!({"open": false})).await.expect(200);
    let closed = app.post(CONTACTS, json!({"id": "c3"})).await.expect(201);
    assert_eq!((&closed["state"], &closed["reason"]), (&json!("rejected"), &json!("closed")));
    let again = app.post(CONTACTS, json!({"id": "c3"})).await.expect(200);
    assert_eq!(again["state"], "rejected");
}

async fn act(app: &TestApp, contact: &str, action: &str) -> Answer {
    app.act(&format!("{CONTACTS}/{contact}/{action}")).await
}

#[tokio::test]
async fn a_contact_is_assigned_and_completed_and_completing_again_is_fine() {
    let app = TestApp::start().await;
    app.ready_agent("a1", &["en"]).await;
    app.contact("c1", &["en"]).await;
    app.dispatch().await;
    let assigned = app.get(&format!("{CONTACTS}/c1")).await.expect(200);
    assert_eq!((&assigned["state"], &assigned["agent"]), (&json!("assigned"), &json!("a1")));
    assert!(assigned["assigned_at"].is_string() && assigned["position"].is_null());
    assert_eq!(act(&app, "c1", "abandon").await.problem(), (409, "state_conflict"));
    let done = act(&app, "c1", "complete").await.expect(200);
    assert_eq!((&done["state"], &done["agent"]), (&json!("completed"), &json!("a1")));
    assert_eq!(act(&app, "c1", "complete").await.expect(200), done);
    for wrong in ["abandon", "cancel", "requeue"] {
        assert_eq!(act(&app, "c1", wrong).await.problem(), (409, "state_conflict"), "{wrong}");
    }
}

#[tokio::test]
async fn a_waiting_contact_is_canceled_or_abandoned_but_not_completed() {
    let app = TestApp::start().await;
    for (contact, action, state) in [("c1", "cancel", "canceled"), ("c2", "abandon", "abandoned")] {
        app.contact(contact, &["nobody"]).await;
        assert_eq!(act(&app, contact, "complete").await.problem(), (409, "state_conflict"));
        assert_eq!(act(&app, contact, action).await.expect(200)["state"], state);
        assert_eq!(act(&app, contact, action).await.expect(200)["state"], state);
    }
    for action in ["complete", "cancel", "abandon", "requeue"] {
        assert_eq!(act(&app, "none", action).await.problem(), (404, "no_such_contact"), "{action}");
    }
}

#[tokio::test]
async fn a_requeued_contact_keeps_its_place() {
    let app = TestApp::start().await;
    app.ready_agent("a1", &["en"]).await;
    app.contact("c1", &["en"]).await;
    app.dispatch().await;
    let before = app.get(&format!("{CONTACTS}/c1")).await.expect(200);
    app.contact("c2", &["en"]).await;
    let requeued = act(&app, "c1", "requeue").await.expect(200);
    assert_eq!((&requeued["state"], &requeued["requeues"]), (&json!("queued"), &json!(1)));
    assert_eq!(requeued["queued_at"], before["queued_at"]);
    assert_eq!(app.get(&format!("{CONTACTS}/c1")).await.expect(200)["position"], 1);
    assert_eq!(act(&app, "c1", "requeue").await.expect(200)["requeues"], 1);
}

#[tokio::test]
async fn lists_contacts_by_state_in_parts() {
    let app = TestApp::start().await;
    for contact in ["c1", "c2", "c3"] {
        app.contact(contact, &["nobody"]).await;
    }
    act(&app, "c2", "abandon").await.expect(200);
    let ids = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = app.get(&format!("{CONTACTS}?limit=1")).await.expect(200);
    assert_eq!(ids(&first), ["c1"]);
    let next = first["next"].as_str().unwrap();
    let rest = app.get(&format!("{CONTACTS}?limit=10&cursor={next}")).await.expect(200);
    assert_eq!((ids(&rest), &rest["next"]), (vec!["c3".to_owned()], &Value::Null));
    let ended = app.get(&format!("{CONTACTS}?state=ended")).await.expect(200);
    assert_eq!(ids(&ended), ["c2"]);
    let assigned = app.get(&format!("{CONTACTS}?state=assigned")).await.expect(200);
    assert!(ids(&assigned).is_empty());
    let bad = app.get(&format!("{CONTACTS}?cursor=nonsense")).await;
    assert_eq!(bad.problem(), (400, "bad_cursor"));
    let bad = app.get(&format!("{CONTACTS}?state=waiting")).await;
    assert_eq!(bad.problem(), (422, "invalid_value"));
}

#[tokio::test]
async fn refuses_what_is_no_contact() {
    let app = TestApp::start().await;
    let many: Vec<String> = (0..33).map(|n| format!("s{n}")).collect();
    for bad in [
        json!({"id": "a b"}),
        json!({"skills": ["a+b"]}),
        json!({"skills": many}),
        json!({"priority": 101}),
        json!({"attributes": [1]}),
        json!({"state": "assigned"}),
    ] {
        let answer = app.post(CONTACTS, bad.clone()).await;
        assert_eq!(answer.problem(), (422, "invalid_value"), "{bad}");
    }
    assert_eq!(app.get(&format!("{CONTACTS}/a%20b")).await.problem(), (422, "invalid_id"));
    let large = json!({"attributes": {"x": "x".repeat(70_000)}});
    assert_eq!(app.post(CONTACTS, large).await.problem(), (413, "body_too_large"));
}
