use serde_json::{Value, json};

use crate::app::TestApp;

#[tokio::test]
async fn the_figures_follow_what_happens() {
    let app = TestApp::start().await;
    app.ready_agent("a1", &["en"]).await;
    app.contact("c1", &["en"]).await;
    app.contact("c2", &["en"]).await;
    app.dispatch().await;
    let stats = app.get("/v1/centers/main/stats").await.expect(200);
    assert_eq!(stats["center"], "main");
    assert_eq!((&stats["waiting"], &stats["assigned"]), (&json!(1), &json!(1)));
    assert!(stats["oldest_waiting_s"].is_number());
    let agents = json!({"total": 1, "available": 0, "busy": 1, "not_ready": 0, "offline": 0});
    assert_eq!(stats["agents"], agents);
    assert_eq!(stats["counters"]["contacts_queued"], 2);
    assert_eq!(stats["counters"]["contacts_assigned"], 1);
    assert_eq!(stats["service_level"]["value"], 1.0);
    assert!(stats["service_level"]["formula"].is_string());
}

#[tokio::test]
async fn explains_why_a_contact_waits_and_why_its_agent_got_it() {
    let app = TestApp::start().await;
    app.ready_agent("a1", &["en"]).await;
    app.contact("c1", &["en", "fr"]).await;
    app.contact("c2", &["en"]).await;
    app.dispatch().await;
    let waits = app.get("/v1/centers/main/contacts/c1/explain").await.expect(200);
    assert_eq!((&waits["contact"], &waits["state"]), (&json!("c1"), &json!("queued")));
    assert_eq!(waits["waiting"]["missing"], json!(["fr"]));
    assert_eq!(waits["decision"], Value::Null);
    let decided = app.get("/v1/centers/main/contacts/c2/explain").await.expect(200);
    assert_eq!((&decided["state"], &decided["waiting"]), (&json!("assigned"), &Value::Null));
    assert_eq!(decided["decision"]["agent"], "a1");
    let none = app.get("/v1/centers/main/contacts/none/explain").await;
    assert_eq!(none.problem(), (404, "no_such_contact"));
}

#[tokio::test]
async fn a_center_is_consistent() {
    let app = TestApp::start().await;
    app.ready_agent("a1", &["en"]).await;
    app.contact("c1", &["en"]).await;
    app.contact("c2", &["en"]).await;
    app.dispatch().await;
    let report = app.get("/v1/centers/main/consistency").await.expect(200);
    assert_eq!((&report["consistent"], &report["violations"]), (&json!(true), &json!([])));
    assert_eq!(
        (&report["checked"]["contacts"], &report["checked"]["agents"]),
        (&json!(2), &json!(1))
    );
}

#[tokio::test]
async fn events_are_read_in_parts_and_polled() {
    let app = TestApp::start().await;
    app.contact("c1", &["en"]).await;
    app.contact("c2", &["en"]).await;
    let path = "/v1/centers/main/events";
    let all = app.get(path).await.expect(200);
    let items = all["items"].as_array().unwrap();
    let queued: Vec<_> = items.iter().filter(|event| event["type"] == "contact.queued").collect();
    assert_eq!((&queued[0]["contact"], &queued[1]["contact"]), (&json!("c1"), &json!("c2")));
    assert_eq!(all["next"], items.last().unwrap()["id"]);

    let first = app.get(&format!("{path}?limit=1")).await.expect(200);
    assert_eq!(first["items"].as_array().unwrap().len(), 1);
    let after = all["next"].as_str().unwrap();
    let none = app.get(&format!("{path}?after={after}")).await.expect(200);
    assert_eq!(none, json!({"items": [], "next": after}));
    app.contact("c3", &[]).await;
    let more = app.get(&format!("{path}?after={after}")).await.expect(200);
    assert_eq!(more["items"][0]["contact"], "c3");
    assert_eq!(app.get(&format!("{path}?after=x")).await.problem(), (422, "invalid_value"));
    let latest = format!("{path}?after=9999999999999999999-9999999999999999999");
    assert_eq!(app.get(&latest).await.expect(200)["items"], json!([]));
    let beyond = format!("{path}?after=18446744073709551615-18446744073709551615");
    assert_eq!(app.get(&beyond).await.problem(), (422, "invalid_value"));
}
