use serde_json::{Value, json};

use crate::app::{Answer, TestApp};

/// Creates a contact and gives its key.
async fn contact(app: &TestApp, skills: Value) -> String {
    let made = app.post("/contact", json!({"skills": skills})).await.expect(201);
    let key = made["contact_key"].as_str().unwrap().to_owned();
    assert_eq!(made, json!({"contact_key": key}));
    assert!(key.starts_with("contact:") && key.len() == 8 + 36, "{key}");
    key
}

async fn agent(app: &TestApp, key: &str, skills: Value) {
    let body = json!({"fname": "Ada", "lname": "King", "skills": skills});
    let made = app.post(&format!("/agent/{key}"), body).await.expect(201);
    assert_eq!(made, json!({"agent_key": key}));
}

#[tokio::test]
async fn the_whole_way_of_a_contact() {
    let app = TestApp::start().await;
    agent(&app, "agent:7", json!(["English", "Billing"])).await;
    let key = contact(&app, json!(["English", "Billing"])).await;
    app.dispatch().await;
    let path = format!("/contact/{key}");
    let waiting = app.get(&path).await.expect(200);
    assert_eq!(waiting, json!({"skills": ["English", "Billing"], "state": 1, "agent": null}));

    let set = app.patch("/agent/agent:7/state", json!({"state": 1})).await.expect(200);
    assert_eq!(set, json!({"agent_key": "agent:7"}));
    app.dispatch().await;
    let assigned = app.get(&path).await.expect(200);
    assert_eq!(assigned, json!({"skills": ["English", "Billing"], "state": 2, "agent": "agent:7"}));

    for _ in 0..2 {
        let finished = Answer::of(app.request(reqwest::Method::PATCH, &path)).await.expect(200);
        assert_eq!(finished, json!({"contact_key": key}));
    }
    assert_eq!(app.get(&path).await.expect(200)["state"], 3);
    let after = app.get("/v1/centers/main/agents/7").await.expect(200);
    assert_eq!(after["available"], true);
}

#[tokio::test]
async fn finishing_a_contact_that_waits_abandons_it() {
    let app = TestApp::start().await;
    let key = contact(&app, json!(["Nobody"])).await;
    app.patch(&format!("/contact/{key}"), Value::Null).await.expect(200);
    let id = key.strip_prefix("contact:").unwrap();
    let seen = app.get(&format!("/v1/centers/main/contacts/{id}")).await.expect(200);
    assert_eq!(seen["state"], "abandoned");
    assert_eq!(app.get(&format!("/contact/{key}")).await.expect(200)["state"], 3);
}

#[tokio::test]
async fn an_agent_begins_unavailable_and_is_changed_and_deleted() {
    let app = TestApp::start().await;
    agent(&app, "agent:7", json!(["English"])).await;
    let seen = app.get("/v1/centers/main/agents/7").await.expect(200);
    assert_eq!((&seen["presence"], &seen["first_name"]), (&json!("not_ready"), &json!("Ada")));

    let same = json!({"fname": "Ada", "lname": "King", "skills": ["English"]});
    assert_eq!(app.post("/agent/agent:7", same).await.expect(200), json!({"agent_key": "agent:7"}));
    let other =
        app.post("/agent/agent:7", json!({"fname": "Bob", "lname": "King", "skills": []})).await;
    assert_eq!(other.problem(), (409, "agent_exists"));

    let names = json!({"fname": "Grace", "lname": "Hopper"});
    assert_eq!(
        app.patch("/agent/agent:7", names).await.expect(200),
        json!({"agent_key": "agent:7"})
    );
    let seen = app.get("/v1/centers/main/agents/7").await.expect(200);
    assert_eq!((&seen["first_name"], &seen["last_name"]), (&json!("Grace"), &json!("Hopper")));

    assert_eq!(app.delete("/agent/agent:7").await.expect(200), json!({"agent_key": "agent:7"}));
    assert_eq!(app.delete("/agent/agent:7").await.problem(), (404, "no_such_agent"));
}

#[tokio::test]
async fn setting_a_state_again_is_fine() {
    let app = TestApp::start().await;
    agent(&app, "agent:7", json!([])).await;
    for state in [1, 1, 0, 0] {
        app.patch("/agent/agent:7/state", json!({"state": state})).await.expect(200);
        let seen = app.get("/v1/centers/main/agents/7").await.expect(200);
        assert_eq!(seen["available"], state == 1);
    }
}

#[tokio::test]
async fn deleting_an_agent_puts_its_contact_back() {
    let app = TestApp::start().await;
    agent(&app, "agent:7", json!([])).await;
    app.patch("/agent/agent:7/state", json!({"state": 1})).await.expect(200);
    let key = contact(&app, json!([])).await;
    app.dispatch().await;
    assert_eq!(app.get(&format!("/contact/{key}")).await.expect(200)["state"], 2);
    app.delete("/agent/agent:7").await.expect(200);
    let seen = app.get(&format!("/contact/{key}")).await.expect(200);
    assert_eq!((&seen["state"], &seen["agent"]), (&json!(1), &Value::Null));
}

#[tokio::test]
async fn skills_are_added_and_removed() {
    let app = TestApp::start().await;
    agent(&app, "agent:7", json!(["English"])).await;
    let skills = async || app.get("/v1/centers/main/agents/7").await.expect(200)["skills"].clone();
    let added = app.patch("/agent/agent:7/skill", json!({"skill": "Spanish"})).await.expect(200);
    assert_eq!(added, json!({"agent_key": "agent:7"}));
    assert_eq!(skills().await, json!(["English", "Spanish"]));
    for _ in 0..2 {
        let removed = app.delete("/agent/agent:7/skill/Spanish").await.expect(200);
        assert_eq!(removed, json!({"skill": "Spanish"}));
    }
    for _ in 0..2 {
        assert_eq!(app.delete("/skill/English").await.expect(200), json!({"skill": "English"}));
    }
    assert_eq!(skills().await, json!([]));
}

#[tokio::test]
async fn the_acd_state_toggles_the_agents_and_rejects_no_contact() {
    let app = TestApp::start().await;
    for key in ["agent:1", "agent:2"] {
        agent(&app, key, json!([])).await;
    }
    for (state, available) in [(1, 2), (0, 0), (0, 0), (1, 2)] {
        let answer = app.post("/acd", json!({"state": state})).await.expect(201);
        assert_eq!(answer, json!({"acd_state": state}));
        let stats = app.get("/v1/centers/main/stats").await.expect(200);
        assert_eq!(stats["agents"]["available"], available);
        assert_eq!(stats["open"], true);
    }
    app.post("/acd", json!({"state": 0})).await.expect(201);
    let seen = app.get("/v1/centers/main/agents/1").await.expect(200);
    assert_eq!((&seen["presence"], &seen["reason"]), (&json!("not_ready"), &json!("closed")));
    let key = contact(&app, json!([])).await;
    assert_eq!(app.get(&format!("/contact/{key}")).await.expect(200)["state"], 1);
}

#[tokio::test]
async fn a_key_of_nothing_is_a_problem() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/contact/contact:none").await.problem(), (404, "no_such_contact"));
    let path = "/contact/contact:none";
    assert_eq!(app.patch(path, Value::Null).await.problem(), (404, "no_such_contact"));
    for (path, body) in [
        ("/agent/agent:none", json!({"fname": "x"})),
        ("/agent/agent:none/state", json!({"state": 1})),
        ("/agent/agent:none/skill", json!({"skill": "x"})),
    ] {
        assert_eq!(app.patch(path, body).await.problem(), (404, "no_such_agent"), "{path}");
    }
    assert_eq!(app.delete("/agent/agent:none/skill/x").await.problem(), (404, "no_such_agent"));
    for malformed in ["/contact/none", "/contact/agent:7", "/contact/contact:a%20b"] {
        assert_eq!(app.get(malformed).await.problem(), (422, "invalid_id"), "{malformed}");
    }
}

#[tokio::test]
async fn unknown_fields_and_states_are_refused() {
    let app = TestApp::start().await;
    for (path, body) in [
        ("/acd", json!({"state": 2})),
        ("/acd", json!({"state": true})),
        ("/acd", json!({"state": 1, "force": true})),
        ("/contact", json!({})),
        ("/contact", json!({"skills": [], "priority": 1})),
        ("/agent/agent:7", json!({"first_name": "Ada"})),
    ] {
        let answer = app.post(path, body.clone()).await;
        assert_eq!(answer.problem(), (422, "invalid_value"), "{path} {body}");
    }
}

#[tokio::test]
async fn a_contact_may_be_repeated_with_a_key() {
    let app = TestApp::start().await;
    let body = json!({"skills": ["x"]});
    let first = app.post_keyed("/contact", "k", body.clone()).await.expect(201);
    assert_eq!(app.post_keyed("/contact", "k", body).await.expect(200), first);
}
