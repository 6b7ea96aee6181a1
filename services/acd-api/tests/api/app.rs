//! A server of one's own, and one method for each thing a test does to it.

use std::time::Duration;

use acd_api::Limits;
use acd_core::ids::CenterId;
use acd_process::lifecycle::Lifecycle;
use acd_store::{RedisArgs, Store};
use acd_testing::{RedisServer, poll};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

pub(crate) struct TestApp {
    pub(crate) redis: RedisServer,
    pub(crate) store: Store,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) server: Option<JoinHandle<anyhow::Result<()>>>,
    client: reqwest::Client,
    base: String,
}

impl TestApp {
    /// A server that is ready.
    pub(crate) async fn start() -> Self {
        let quick = Duration::from_millis(100);
        let limits = Limits { drain_time: quick, max_streams: 3, ..Limits::default() };
        Self::start_with(limits).await
    }

    pub(crate) async fn start_with(limits: Limits) -> Self {
        let redis = RedisServer::start().await.unwrap();
        let lifecycle = Lifecycle::new();
        let mut args = RedisArgs::at(&redis.url());
        args.redis_deadline = Duration::from_secs(1);
        let store = Store::connect(&args, &lifecycle).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = {
            let (store, life) = (store.clone(), lifecycle.clone());
            lifecycle.spawn(async move {
                let ended = acd_api::serve(listener, &limits, store, &life).await;
                // A test that only sees refused connections should be told why.
                ended.inspect_err(|error| eprintln!("the server failed: {error:#}"))
            })
        };
        let client = reqwest::Client::new();
        let app = Self { redis, store, lifecycle, server: Some(server), client, base };
        app.until_ready(200).await;
        app
    }

    /// Waits until `/readyz` answers so.
    pub(crate) async fn until_ready(&self, status: u16) {
        poll("readiness", async || (self.get("/readyz").await.status == status).then_some(()))
            .await;
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(&body)).await
    }

    /// A POST without a body.
    pub(crate) async fn act(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::POST, path)).await
    }

    /// A POST with an idempotency key.
    pub(crate) async fn post_keyed(&self, path: &str, key: &str, body: Value) -> Answer {
        let request = self.request(Method::POST, path).header("idempotency-key", key);
        Answer::of(request.json(&body)).await
    }

    /// Creates an agent of `main` and makes it ready.
    pub(crate) async fn ready_agent(&self, id: &str, skills: &[&str]) {
        let body = json!({"id": id, "skills": skills});
        assert_eq!(self.post("/v1/centers/main/agents", body).await.status, 201);
        let state = format!("/v1/centers/main/agents/{id}/state");
        assert_eq!(self.put(&state, json!({"presence": "ready"})).await.status, 200);
    }

    /// Creates a contact in `main`.
    pub(crate) async fn contact(&self, id: &str, skills: &[&str]) {
        let body = json!({"id": id, "skills": skills});
        assert_eq!(self.post("/v1/centers/main/contacts", body).await.status, 201);
    }

    /// Does what a dispatcher would do for `main`.
    pub(crate) async fn dispatch(&self) {
        let partition = self.store.partition_of(&CenterId::main());
        while self.store.dispatch(partition, 100).await.unwrap().more {}
    }

    /// Asks the server to stop, and gives what it ended with.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        self.lifecycle.stop();
        self.server.take().unwrap().await.unwrap()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.lifecycle.stop();
    }
}

/// What came back; the body is `null` when it is no JSON.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Self { status, headers, text, body }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body, once the status is right.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        assert!(!self.header("x-request-id").is_empty());
        self.body
    }

    /// Its status and the last part of its problem's type, once it is sure that it is a problem.
    #[track_caller]
    pub(crate) fn problem(&self) -> (u16, &str) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], self.status);
        assert_eq!(self.body["request_id"], self.header("x-request-id"));
        let code = self.body["type"].as_str().unwrap().strip_prefix("/problems/");
        (self.status, code.unwrap())
    }
}
