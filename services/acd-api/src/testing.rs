//! One request to a router without a server, and the answer as a test wants to see it.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use serde_json::Value;
use tower::ServiceExt;

/// What came back; the body is `null` when it is no JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// Its status and the last part of its problem's type, once it is sure that it is a problem.
    pub(crate) fn problem(&self) -> (u16, &str) {
        let status = self.status.as_u16();
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], status, "{self:?}");
        assert_eq!(self.body["request_id"], self.header("x-request-id"), "{self:?}");
        (status, self.body["type"].as_str().unwrap().strip_prefix("/problems/").unwrap())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap()
    }
}

/// Sends one request, with a body that says it is JSON.
pub(crate) async fn send(router: &Router, method: &str, uri: &str, body: &str) -> Answer {
    let request = Request::builder().method(method).uri(uri);
    let request = request.header("content-type", "application/json");
    call(router, request.body(Body::from(body.to_owned())).unwrap()).await
}

/// Sends one request.
pub(crate) async fn call(router: &Router, request: Request<Body>) -> Answer {
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    Answer { status: head.status, headers: head.headers, body }
}
