// The whole API against a node that is in no cluster; what a cluster answers is tried in containers.

use axum::body::{Body as HttpBody, to_bytes};
use clap::Parser;
use serde_json::json;
use tower::ServiceExt;

use super::*;
use crate::settings::Settings;

struct TestNode {
    app: Arc<App>,
    _dir: tempfile::TempDir,
}

fn node() -> TestNode {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = tempfile::tempdir().unwrap();
    let arg = |name: &str| format!("--{name}={}", dir.path().display());
    let settings = Settings::parse_from(["x".into(), arg("config"), arg("persist"), arg("log")]);
    TestNode { app: App::new(settings).unwrap(), _dir: dir }
}

impl TestNode {
    async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("content-type", "application/json");
        let request = request.body(HttpBody::from(body.to_string())).unwrap();
        let response = router(&self.app).oneshot(request).await.unwrap();
        assert_eq!(response.headers()["server"], PRODUCT);
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }
}

#[tokio::test]
async fn a_node_that_starts_says_so() {
    let node = node();
    let (status, body) = node.ask("GET", "/v1/bootstrap", &json!(null)).await;
    assert_eq!((status, &body["error_code"]), (503, &json!("starting")));
}

#[tokio::test]
async fn a_node_in_no_cluster_tells_its_state_to_everybody() {
    let node = node();
    node.app.set_started();
    let (status, body) = node.ask("GET", "/v1/bootstrap", &json!(null)).await;
    assert_eq!((status, &body["bootstrap_status"]["state"]), (200, &json!("idle")));
    let (status, body) = node.ask("GET", "/v1/cluster", &json!(null)).await;
    assert_eq!((status, &body["error_code"]), (503, &json!("not_in_cluster")));
}

#[tokio::test]
async fn a_bootstrap_that_makes_no_sense_starts_nothing() {
    let node = node();
    node.app.set_started();
    let body = json!({"action": "create_cluster", "cluster": {"name": "a b"}});
    let (status, _) = node.ask("POST", "/v1/bootstrap/create_cluster", &body).await;
    assert_eq!(status, 400);
    let (_, body) = node.ask("GET", "/v1/bootstrap", &json!(null)).await;
    assert_eq!(body["bootstrap_status"]["state"], "idle");
}

#[tokio::test]
async fn a_broken_node_says_why_and_takes_no_bootstrap() {
    let node = node();
    node.app.bootstrap.set_broken("the volume is another's");
    node.app.broken.set("the volume is another's".into()).unwrap();
    node.app.set_started();
    let (_, body) = node.ask("GET", "/v1/bootstrap", &json!(null)).await;
    assert_eq!(body["bootstrap_status"]["error_details"]["message"], "the volume is another's");
    let body = json!({
        "cluster": {"name": "a.local"},
        "credentials": {"username": "a@b.c", "password": "p"},
    });
    let (status, _) = node.ask("POST", "/v1/bootstrap/create_cluster", &body).await;
    assert_eq!(status, 409);
}
