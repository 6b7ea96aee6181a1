use acd_core::{ids::CenterId, skill::Skills};
use axum::{
    Router,
    body::Body,
    http::Request,
    routing::{get, post},
};
use serde::Deserialize;

use super::*;
use crate::{
    args::Limits,
    http::{
        input::{Attributes, PageSize, Priority},
        layers,
        readiness::Readiness,
    },
    testing::{call, send},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only parsed")]
struct Wanted {
    #[serde(default)]
    skills: Skills,
    #[serde(default)]
    priority: Priority,
    attributes: Option<Attributes>,
}

#[derive(Deserialize)]
struct Center {
    #[expect(dead_code, reason = "only parsed")]
    center: CenterId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    #[serde(default)]
    limit: PageSize,
}

fn router() -> Router {
    let router = Router::new()
        .route("/body", post(|_: Json<Wanted>| async {}))
        .route("/in/{center}", get(|_: Path<Center>| async {}))
        .route("/part", get(|Query(part): Query<Part>| async move { part.limit.0.to_string() }))
        .route(
            "/key",
            get(|key: Option<IdempotencyKey>| async { key.map_or_else(String::new, |k| k.0) }),
        );
    layers::around_all(router, &Limits::default(), Readiness::new())
}

#[tokio::test]
async fn tells_a_body_that_cannot_be_read_from_one_that_cannot_be_meant() {
    let router = router();
    for good in ["{}", " {\"skills\":[\"a\"]}", r#"{"attributes":null}"#] {
        assert_eq!(send(&router, "POST", "/body", good).await.status, 200, "{good}");
    }
    for malformed in ["", "{", "nonsense", r#"{"skills":[}"#, "{}{}", "{\"skills\":[\"\u{1}\"]}"] {
        let answer = send(&router, "POST", "/body", malformed).await;
        assert_eq!(answer.problem(), (400, "malformed_json"), "{malformed}");
    }
    for invalid in [
        "[]",
        "null",
        r#"[["a"],1]"#,
        r#"{"skill":["a"]}"#,
        r#"{"skills":"a"}"#,
        r#"{"skills":["a+b"]}"#,
        r#"{"skills":null}"#,
        r#"{"priority":101}"#,
        r#"{"priority":1.5}"#,
        r#"{"priority":1,"priority":1}"#,
        r#"{"attributes":[]}"#,
    ] {
        let answer = send(&router, "POST", "/body", invalid).await;
        assert_eq!(answer.problem(), (422, "invalid_value"), "{invalid}");
    }
}

#[tokio::test]
async fn says_where_in_the_body_what_is_wrong() {
    let answer = send(&router(), "POST", "/body", r#"{"skills":["ok","a+b"]}"#).await;
    assert!(answer.detail().starts_with("skills[1]: a skill is 1 to 64"), "{}", answer.detail());
}

#[tokio::test]
async fn wants_json_and_says_so() {
    let router = router();
    for (content_type, status) in [
        (None, 415),
        (Some("text/plain"), 415),
        (Some("application/x-www-form-urlencoded"), 415),
        (Some("application/json"), 200),
        (Some("Application/JSON; charset=utf-8"), 200),
        (Some("application/vnd.acd+json"), 200),
    ] {
        let mut request = Request::post("/body");
        if let Some(value) = content_type {
            request = request.header("content-type", value);
        }
        let answer = call(&router, request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(answer.status, status, "{content_type:?}");
        if status == 415 {
            assert_eq!(answer.problem(), (415, "unsupported_media_type"));
        }
    }
}

#[tokio::test]
async fn a_path_is_an_id_or_a_problem() {
    let router = router();
    assert_eq!(send(&router, "GET", "/in/main", "").await.status, 200);
    let answer = send(&router, "GET", "/in/a%20b", "").await;
    assert_eq!(answer.problem(), (422, "invalid_id"));
    assert_eq!(answer.detail(), "In the path: an id is 1 to 64 of A-Z a-z 0-9 . _ -");
    assert_eq!(send(&router, "GET", "/in/%ff", "").await.problem(), (400, "malformed_request"));
}

#[tokio::test]
async fn a_query_is_what_is_known_within_its_bounds() {
    let router = router();
    assert_eq!(send(&router, "GET", "/part?limit=500", "").await.body, 500);
    assert_eq!(send(&router, "GET", "/part", "").await.body, 100);
    for bad in ["limit=0", "limit=501", "limit=x", "limit=1&limit=2", "limti=1"] {
        let answer = send(&router, "GET", &format!("/part?{bad}"), "").await;
        assert_eq!(answer.problem(), (422, "invalid_value"), "{bad}");
    }
}

#[tokio::test]
async fn an_idempotency_key_is_visible_ascii_given_once() {
    let router = router();
    let with = |keys: &[&str]| {
        let request =
            keys.iter().fold(Request::get("/key"), |r, key| r.header("idempotency-key", *key));
        request.body(Body::empty()).unwrap()
    };
    assert_eq!(call(&router, with(&[])).await.status, 200);
    assert_eq!(call(&router, with(&["7"])).await.body, 7);
    assert_eq!(call(&router, with(&[&"k".repeat(255)])).await.status, 200);
    for bad in [&[""] as &[&str], &["a b"], &["é"], &[&"k".repeat(256)], &["a", "a"]] {
        assert_eq!(call(&router, with(bad)).await.problem(), (422, "invalid_value"), "{bad:?}");
    }
}
