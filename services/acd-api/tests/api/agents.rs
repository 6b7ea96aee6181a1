use serde_json::{Value, json};

use crate::app::TestApp;

const AGENTS: &str = "/v1/centers/main/agents";

#[tokio::test]
async fn a_new_agent_is_offline() {
    let app = TestApp::start().await;
    let body = json!({"id": "a1", "first_name": "Zoë", "skills": ["spanish", "billing"], "attributes": {"team": 1}});
    let answer = app.post(AGENTS, body).await;
    assert_eq!(answer.header("location"), "/v1/centers/main/agents/a1");
    let agent = answer.expect(201);
    let expected = json!({
        "id": "a1", "center": "main", "first_name": "Zoë", "last_name": "",
        "skills": ["billing", "spanish"], "attributes": {"team": 1}, "presence": "offline",
        "reason": null, "next_presence": null, "work": "idle", "available": false,
        "contact": null, "idle_since": null, "created_at": agent["created_at"],
    });
    assert_eq!(agent, expected);
    assert_eq!(app.get(&format!("{AGENTS}/a1")).await.expect(200), expected);
}

#[tokio::test]
async fn creating_again_is_a_repeat_or_a_conflict() {
    let app = TestApp::start().await;
    let body = json!({"id": "a1", "skills": ["b", "a"]});
    app.post(AGENTS, body).await.expect(201);
    app.post(AGENTS, json!({"id": "a1", "skills": ["a", "b"]})).await.expect(200);
    let other = app.post(AGENTS, json!({"id": "a1", "first_name": "Zoë"})).await;
    assert_eq!(other.problem(), (409, "agent_exists"));
    let keyed = app.post_keyed(AGENTS, "k", json!({})).await.expect(201);
    assert_eq!(app.post_keyed(AGENTS, "k", json!({})).await.expect(200)["id"], keyed["id"]);
    let reused = app.post_keyed(AGENTS, "k", json!({"last_name": "x"})).await;
    assert_eq!(reused.problem(), (422, "idempotency_key_reused"));
}

#[tokio::test]
async fn patching_changes_what_is_given_and_nothing_else() {
    let app = TestApp::start().await;
    app.ready_agent("a1", &["en"]).await;
    let path = format!("{AGENTS}/a1");
    let before = app.get(&path).await.expect(200);
    let body = json!({"first_name": "Ada", "skills": ["fr", "en"], "attributes": {"desk": []}});
    let after = app.patch(&path, body).await.expect(200);
    assert_eq!((&after["first_name"], &after["skills"]), (&json!("Ada"), &json!(["en", "fr"])));
    assert_eq!(after["attributes"], json!({"desk": []}));
    assert_eq!(after["idle_since"], before["idle_since"]);
    assert_eq!(app.patch(&path, json!({})).await.expect(200), after);
    for bad in
        [json!({"first_name": null}), json!({"presence": "ready"}), json!({"last_name": "a\nb"})]
    {
        assert_eq!(app.patch(&path, bad.clone()).await.problem(), (422, "invalid_value"), "{bad}");
    }
    let nobody = app.patch(&format!("{AGENTS}/none"), json!({})).await;
    assert_eq!(nobody.problem(), (404, "no_such_agent"));
}

#[tokio::test]
async fn presence_is_set_and_only_not_ready_has_a_reason() {
    let app = TestApp::start().await;
    app.post(AGENTS, json!({"id": "a1"})).await.expect(201);
    let path = format!("{AGENTS}/a1/state");
    let ready = app.put(&path, json!({"presence": "ready"})).await.expect(200);
    assert_eq!((&ready["presence"], &ready["available"]), (&json!("ready"), &json!(true)));
    assert!(ready["idle_since"].is_string());
    assert_eq!(app.put(&path, json!({"presence": "ready"})).await.expect(200), ready);
    let meal = app.put(&path, json!({"presence": "not_ready", "reason": "meal"})).await.expect(200);
    assert_eq!((&meal["reason"], &meal["available"]), (&json!("meal"), &json!(false)));
    for bad in [
        json!({"presence": "ready", "reason": "meal"}),
        json!({"presence": "busy"}),
        json!({"presence": "not_ready", "reason": "a long lunch"}),
        json!({}),
    ] {
        assert_eq!(app.put(&path, bad.clone()).await.problem(), (422, "invalid_value"), "{bad}");
    }
}

#[tokio::test]
async fn a_busy_agent_goes_away_when_its_contact_has_ended() {
    let app = TestApp::start().await;
    app.ready_agent("a1", &[]).await;
    app.contact("c1", &[]).await;
    app.dispatch().await;
    let body = json!({"presence": "not_ready", "reason": "meal"});
    let busy = app.put(&format!("{AGENTS}/a1/state"), body).await.expect(200);
    assert_eq!((&busy["presence"], &busy["work"]), (&json!("ready"), &json!("busy")));
    assert_eq!(busy["next_presence"], json!({"presence": "not_ready", "reason": "meal"}));
    assert_eq!(busy["contact"], "c1");
    app.act("/v1/centers/main/contacts/c1/complete").await.expect(200);
    let gone = app.get(&format!("{AGENTS}/a1")).await.expect(200);
    assert_eq!((&gone["presence"], &gone["next_presence"]), (&json!("not_ready"), &Value::Null));
}

#[tokio::test]
async fn a_busy_agent_is_deleted_only_by_force_and_its_contact_waits_again() {
    let app = TestApp::start().await;
    app.ready_agent("a1", &[]).await;
    app.contact("c1", &[]).await;
    app.dispatch().await;
    let path = format!("{AGENTS}/a1");
    assert_eq!(app.delete(&path).await.problem(), (409, "agent_busy"));
    let deleted = app.delete(&format!("{path}?force=true")).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    let contact = app.get("/v1/centers/main/contacts/c1").await.expect(200);
    assert_eq!((&contact["state"], &contact["agent"]), (&json!("queued"), &Value::Null));
    assert_eq!(app.delete(&path).await.problem(), (404, "no_such_agent"));
    assert_eq!(app.delete(&format!("{path}?force=1")).await.problem(), (422, "invalid_value"));
}

#[tokio::test]
async fn skills_come_and_go_one_by_one_or_everywhere() {
    let app = TestApp::start().await;
    app.ready_agent("a1", &["en"]).await;
    app.ready_agent("a2", &["en", "billing/refunds"]).await;
    let path = format!("{AGENTS}/a1/skills/billing%2Frefunds");
    for _ in 0..2 {
        let agent = app.put(&path, json!(null)).await.expect(200);
        assert_eq!(agent["skills"], json!(["billing/refunds", "en"]));
    }
    let skills = app.get("/v1/centers/main/skills").await.expect(200);
    let expected = json!([
        {"skill": "billing/refunds", "agents": 2, "available": 2},
        {"skill": "en", "agents": 2, "available": 2},
    ]);
    assert_eq!(skills, json!({"items": expected, "next": null}));
    for _ in 0..2 {
        assert_eq!(app.delete(&path).await.expect(200)["skills"], json!(["en"]));
    }
    let removed = app.delete("/v1/centers/main/skills/en").await.expect(200);
    assert_eq!(removed, json!({"skill": "en", "agents": 2}));
    let again = app.delete("/v1/centers/main/skills/en").await.expect(200);
    assert_eq!(again, json!({"skill": "en", "agents": 0}));
    assert_eq!(app.delete("/v1/centers/main/skills/a%2Bb").await.problem(), (422, "invalid_id"));
}

#[tokio::test]
async fn one_skill_too_many_is_refused() {
    let app = TestApp::start().await;
    let most: Vec<String> = (0..32).map(|n| format!("s{n}")).collect();
    app.post(AGENTS, json!({"id": "a1", "skills": most})).await.expect(201);
    let path = format!("{AGENTS}/a1/skills/one-more");
    assert_eq!(app.put(&path, json!(null)).await.problem(), (422, "too_many_skills"));
}

#[tokio::test]
async fn lists_agents_by_id_in_parts() {
    let app = TestApp::start().await;
    for id in ["b", "a", "c"] {
        app.post(AGENTS, json!({"id": id})).await.expect(201);
    }
    let first = app.get(&format!("{AGENTS}?limit=2")).await.expect(200);
    assert_eq!((&first["items"][0]["id"], &first["items"][1]["id"]), (&json!("a"), &json!("b")));
    let next = first["next"].as_str().unwrap();
    let rest = app.get(&format!("{AGENTS}?limit=2&cursor={next}")).await.expect(200);
    assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&json!("c"), &Value::Null));
}
