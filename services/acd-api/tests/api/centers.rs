use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn main_exists_and_is_open() {
    let app = TestApp::start().await;
    let main = app.get("/v1/centers/main").await.expect(200);
    assert_eq!(main["id"], "main");
    assert_eq!(main["open"], true);
    assert_eq!(main["service_level_s"], 20);
}

#[tokio::test]
async fn putting_creates_once_and_keeps_what_is_left_out() {
    let app = TestApp::start().await;
    let path = "/v1/centers/north";
    let made = app.put(path, json!({"max_waiting": 5, "service_level_s": 30})).await.expect(201);
    assert_eq!((&made["max_waiting"], &made["open"]), (&json!(5), &json!(true)));
    let changed = app.put(path, json!({"open": false})).await.expect(200);
    assert_eq!((&changed["max_waiting"], &changed["open"]), (&json!(5), &json!(false)));
    assert_eq!(app.get(path).await.expect(200), changed);
    assert_eq!(changed["created_at"], made["created_at"]);
}

#[tokio::test]
async fn refuses_settings_out_of_bounds_and_unknown_ones() {
    let app = TestApp::start().await;
    for bad in [
        json!({"max_waiting": 1_000_001}),
        json!({"max_waiting": -1}),
        json!({"service_level_s": 0}),
        json!({"retention_s": 2_592_001}),
        json!({"open": "yes"}),
        json!({"opened": true}),
    ] {
        let answer = app.put("/v1/centers/north", bad).await;
        assert_eq!(answer.problem(), (422, "invalid_value"));
    }
    assert_eq!(app.get("/v1/centers/north").await.problem(), (404, "no_such_center"));
}

#[tokio::test]
async fn lists_centers_in_parts() {
    let app = TestApp::start().await;
    for name in ["a", "b"] {
        app.put(&format!("/v1/centers/{name}"), json!({})).await.expect(201);
    }
    let first = app.get("/v1/centers?limit=2").await.expect(200);
    assert_eq!((&first["items"][0]["id"], &first["items"][1]["id"]), (&json!("a"), &json!("b")));
    let next = first["next"].as_str().unwrap();
    let rest = app.get(&format!("/v1/centers?limit=2&cursor={next}")).await.expect(200);
    assert_eq!(rest["items"][0]["id"], "main");
    assert_eq!(rest["next"], json!(null));
}

#[tokio::test]
async fn nothing_is_in_a_center_that_does_not_exist() {
    let app = TestApp::start().await;
    let center = "/v1/centers/nowhere";
    for path in [
        "",
        "/contacts",
        "/contacts/c",
        "/contacts/c/explain",
        "/agents",
        "/agents/a",
        "/skills",
        "/events",
        "/stats",
        "/consistency",
    ] {
        let answer = app.get(&format!("{center}{path}")).await;
        assert_eq!(answer.problem(), (404, "no_such_center"), "{path}");
    }
    for path in ["/contacts", "/agents"] {
        let answer = app.post(&format!("{center}{path}"), json!({})).await;
        assert_eq!(answer.problem(), (404, "no_such_center"), "{path}");
    }
    assert_eq!(app.delete(&format!("{center}/skills/x")).await.problem(), (404, "no_such_center"));
}
