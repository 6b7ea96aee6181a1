// The API of a cluster of one node, with real servers on a loopback address of its own.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    body::{Body as HttpBody, to_bytes},
    http::Request,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Parser;
use serde_json::{Value, json};
use tokio::time::sleep;
use tower::ServiceExt;

use super::{App, router};
use crate::{
    cluster::MASKED,
    resp::{Client, Command, Value as Reply},
    settings::Settings,
};

const ADMIN: &str = "admin@a.local:secret";
const VIEWER: &str = "viewer@a.local:secret";
const PASSWORD: &str = "database-password";
const WITHIN: Duration = Duration::from_secs(30);

static LAST: AtomicU8 = AtomicU8::new(0);

struct TestCluster {
    app: Arc<App>,
    port: u16,
    _dir: tempfile::TempDir,
}

struct Answer {
    status: u16,
    kind: String,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    fn refusal(&self) -> (u16, String) {
        (self.status, self.json()["error_code"].as_str().unwrap_or_default().to_owned())
    }
}

impl TestCluster {
    /// A cluster without a database.
    async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        let pid = std::process::id().to_be_bytes();
        let address = IpAddr::from([127, 128 + number, pid[2], pid[3].clamp(1, 254)]);
        let arg = |name: &str, value: &str| format!("--{name}={value}");
        let mut args = vec!["x".to_owned(), arg("address", &address.to_string())];
        for name in ["config", "persist", "log"] {
            let path = dir.path().join(name);
            std::fs::create_dir(&path).unwrap();
            args.push(arg(name, path.to_str().unwrap()));
        }
        let app = App::new(Settings::parse_from(args)).unwrap();
        app.set_started();
        let port = 10_000 + u16::from(pid[3]) * 30 + u16::from(number);
        let cluster = Self { app, port, _dir: dir };
        let body = json!({
            "action": "create_cluster", "cluster": {"nodes": [], "name": "a.local"},
            "node": {"identity": {"addr": address}},
            "credentials": {"username": "admin@a.local", "password": "secret"},
        });
        let made = cluster.ask("", "POST", "/v1/bootstrap/create_cluster", &body).await;
        assert_eq!(made.status, 200, "{}", made.text);
        cluster
            .until("it is a cluster", async || {
                cluster.get(ADMIN, "/v1/cluster").await.status == 200
            })
            .await;
        cluster
    }

    /// A cluster with database 1, of two shards.
    async fn with_database(changes: &Value) -> Self {
        let cluster = Self::new().await;
        let made = cluster.ask(ADMIN, "POST", "/v1/bdbs", &cluster.definition(changes)).await;
        assert_eq!(made.status, 200, "{}", made.text);
        cluster
            .until("the database is available", async || cluster.availability().await.status == 200)
            .await;
        cluster
    }

    fn definition(&self, changes: &Value) -> Value {
        let mut definition = json!({
            "name": "redb", "memory_size": 64 << 20, "port": self.port, "sharding": true,
            "shards_count": 2, "proxy_policy": "all-nodes", "data_persistence": "aof",
            "shard_key_regex": [{"regex": ".*\\{(?<tag>.*)\\}.*"}, {"regex": "(?<tag>.*)"}],
            "authentication_redis_pass": PASSWORD,
        });
        for (name, value) in changes.as_object().unwrap() {
            definition[name] = value.clone();
        }
        definition
    }

    async fn ask(&self, user: &str, method: &str, path: &str, body: &Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("content-type", "application/json");
        if !user.is_empty() {
            request = request.header("authorization", format!("Basic {}", STANDARD.encode(user)));
        }
        let request = request.body(HttpBody::from(body.to_string())).unwrap();
        let response = router(&self.app).oneshot(request).await.unwrap();
        let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap());
        let (status, kind) = (response.status().as_u16(), kind.unwrap_or_default().to_owned());
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Answer { status, kind, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn get(&self, user: &str, path: &str) -> Answer {
        self.ask(user, "GET", path, &json!(null)).await
    }

    async fn availability(&self) -> Answer {
        self.get(ADMIN, "/v1/local/bdbs/1/endpoint/availability").await
    }

    async fn fault(&self, fault: &str) {
        let begun =
            self.ask(ADMIN, "POST", "/v1/emulator/faults", &json!({ "fault": fault })).await;
        assert_eq!(begun.status, 200, "{}", begun.text);
    }

    async fn make_viewer(&self) -> u64 {
        let role = json!({"name": "looks", "management": "db_viewer"});
        let role = self.ask(ADMIN, "POST", "/v1/roles", &role).await.json()["uid"].clone();
        let user = json!({
            "email": "viewer@a.local", "password": "secret", "name": "viewer@a.local",
            "email_alerts": false, "role_uids": [role],
        });
        let made = self.ask(ADMIN, "POST", "/v1/users", &user).await;
        assert_eq!(made.status, 200, "{}", made.text);
        assert_eq!(made.json()["role_uids"], json!([role]));
        role.as_u64().unwrap()
    }

    async fn client(&self) -> Client {
        let at = SocketAddr::from(([127, 0, 0, 1], self.port));
        Client::connect(at, PASSWORD, Duration::from_secs(10)).await.unwrap()
    }

    async fn until(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let until = Instant::now() + WITHIN;
        while !is_so().await {
            assert!(Instant::now() < until, "not within {WITHIN:?}: {what}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn end(self) {
        self.app.stop.cancel();
        self.app.processes.stop_all().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_cluster_has_one_role_and_users_have_roles_by_uid() {
    let cluster = TestCluster::new().await;
    let roles = cluster.get(ADMIN, "/v1/roles").await.json();
    assert_eq!(roles, json!([{"uid": 1, "name": "Admin", "management": "admin"}]));
    let post = async |path: &str, body: Value| cluster.ask(ADMIN, "POST", path, &body).await;

    let old = json!({"email": "a@b.c", "password": "p", "role": "db_viewer"});
    assert_eq!(post("/v1/users", old).await.refusal(), (400, "role_not_exist".into()));
    let unknown = json!({"email": "a@b.c", "password": "p", "role_uids": [5]});
    assert_eq!(post("/v1/users", unknown).await.refusal(), (400, "role_not_exist".into()));
    let without = json!({"email": "a@b.c", "password": "p"});
    assert_eq!(post("/v1/users", without).await.refusal(), (400, "invalid_schema".into()));

    let role = cluster.make_viewer().await;
    assert_eq!(role, 2);
    let again = json!({"name": "looks", "management": "db_viewer"});
    assert_eq!(post("/v1/roles", again).await.refusal(), (400, "name_already_exists".into()));
    let nameless = json!({"management": "db_viewer"});
    assert_eq!(post("/v1/roles", nameless).await.refusal(), (400, "missing_field".into()));
    let nothing = json!({"name": "x"});
    assert_eq!(post("/v1/roles", nothing).await.refusal(), (400, "missing_field".into()));
    let wrong = json!({"name": "x", "management": "king"});
    assert_eq!(post("/v1/roles", wrong).await.refusal(), (400, "invalid_schema".into()));
    let other = json!({"name": "looks and reads", "management": "db_viewer"});
    assert_eq!(post("/v1/roles", other).await.json()["uid"], 3);

    let by_viewer = json!({"name": "y", "management": "admin"});
    let by_viewer = cluster.ask(VIEWER, "POST", "/v1/roles", &by_viewer).await;
    assert_eq!(by_viewer.refusal().0, 403);
    assert_eq!(cluster.get(VIEWER, "/v1/roles/2").await.json()["name"], "looks");
    let used = cluster.ask(ADMIN, "DELETE", "/v1/roles/2", &json!(null)).await;
    assert_eq!(used.refusal(), (406, "role_in_use".into()));
    let last = cluster.ask(ADMIN, "PUT", "/v1/roles/1", &json!({"management": "db_viewer"})).await;
    assert_eq!(last.refusal(), (406, "change_last_admin_role_not_allowed".into()));
    let unused = cluster.ask(ADMIN, "DELETE", "/v1/roles/3", &json!(null)).await;
    assert_eq!(unused.status, 200);
    assert_eq!(cluster.get(ADMIN, "/v1/roles/3").await.status, 404);
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_sees_the_password_of_a_database_unless_it_is_masked() {
    let cluster = TestCluster::with_database(&json!({})).await;
    let role = cluster.make_viewer().await;
    let shown = cluster.get(VIEWER, "/v1/bdbs/1").await.json();
    assert_eq!(shown["authentication_redis_pass"], PASSWORD);
    assert_eq!(cluster.get(ADMIN, "/v1/cluster").await.json()["mask_bdb_credentials"], false);
    assert!(!cluster.get(ADMIN, "/v1/emulator/overview").await.text.contains(PASSWORD));
    let mask = json!({"mask_bdb_credentials": true});
    assert_eq!(cluster.ask(ADMIN, "PUT", "/v1/cluster", &mask).await.status, 200);
    assert_eq!(cluster.get(ADMIN, "/v1/cluster").await.json()["mask_bdb_credentials"], true);
    for (user, path) in [(VIEWER, "/v1/bdbs/1"), (ADMIN, "/v1/bdbs/1"), (VIEWER, "/v1/bdbs")] {
        let shown = cluster.get(user, path).await.text;
        assert!(shown.contains(MASKED) && !shown.contains(PASSWORD), "{user} {path}");
    }
    // A role of the data: it is kept, and its role can't be deleted.
    let acl = json!({"roles_permissions": [{"role_uid": role, "redis_acl_uid": 1}]});
    assert_eq!(cluster.ask(ADMIN, "PUT", "/v1/bdbs/1", &acl).await.status, 200);
    let shown = cluster.get(ADMIN, "/v1/bdbs/1").await.json();
    assert_eq!(shown["roles_permissions"], acl["roles_permissions"]);
    cluster.client().await.ask(&["SET", "a", "1"]).await.unwrap();
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_unavailable_everywhere_while_one_of_its_shards_is_lost() {
    let cluster = TestCluster::with_database(&json!({})).await;
    let available = cluster.availability().await;
    assert_eq!((available.status, available.text.as_str()), (200, ""));
    assert!(available.kind.starts_with("text/html"), "{}", available.kind);
    let mut client = cluster.client().await;
    // "{a}" is of the second shard, "{b}" of the first.
    client.ask(&["SET", "{a}", "kept"]).await.unwrap();
    cluster.fault("shard-lost 1 2s").await;
    cluster.until("it is not available", async || cluster.availability().await.status == 503).await;
    let refused = cluster.availability().await.json();
    assert_eq!(refused["error_code"], "bdb_endpoint_unavailable");
    assert_eq!(refused["description"], "Local endpoint of BDB 1 on node 1 is not available");
    let whole = cluster.get(ADMIN, "/v1/bdbs/1/availability").await;
    assert_eq!(whole.refusal(), (503, "bdb_unavailable_shard_unreachable".into()));
    // The other shard serves, on the connection that was there before.
    assert_eq!(client.ask(&["GET", "{a}"]).await.unwrap().text().as_deref(), Some("kept"));
    cluster.until("it is available", async || cluster.availability().await.status == 200).await;
    cluster.client().await.ask(&["SET", "{b}", "1"]).await.unwrap();
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_is_served_while_rest_has_no_quorum_or_does_not_answer() {
    let cluster = TestCluster::with_database(&json!({})).await;
    let mut client = cluster.client().await;
    cluster.fault("no-quorum").await;
    assert_eq!(cluster.availability().await.refusal(), (503, "no_quorum".into()));
    assert_eq!(cluster.get(ADMIN, "/v1/bdbs").await.refusal(), (503, "no_quorum".into()));
    let health = cluster.get(ADMIN, "/v1/local/node/master_healthcheck").await.json();
    assert_eq!(health["status"], "inactive");
    client.ask(&["SET", "a", "1"]).await.unwrap();
    cluster.fault("rest-503").await;
    let down = cluster.get("", "/v1/bootstrap").await;
    assert_eq!(down.refusal(), (503, "cluster_not_responding".into()));
    client.ask(&["SET", "a", "2"]).await.unwrap();
    let faults = cluster.get(ADMIN, "/v1/emulator/faults").await.json();
    assert_eq!(faults, json!(["no-quorum", "rest-503"]));
    assert_eq!(cluster.get("", "/v1/emulator/faults").await.status, 401);
    cluster.ask(ADMIN, "DELETE", "/v1/emulator/faults", &json!(null)).await;
    assert_eq!(cluster.availability().await.status, 200);

    cluster.fault("rest-slow 300ms 10s").await;
    let began = Instant::now();
    assert_eq!(cluster.availability().await.status, 200);
    assert!(began.elapsed() >= Duration::from_millis(300));
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_plain_errors_a_lost_shard_is_an_error_and_the_connection_goes_on() {
    let cluster = TestCluster::with_database(&json!({})).await;
    let mut client = cluster.client().await;
    client.ask(&["SET", "{b}", "1"]).await.unwrap();
    cluster.fault("plain-errors 1m").await;
    cluster.fault("shard-lost 1 2s").await;
    let began = Instant::now();
    let mut errors = 0;
    while errors == 0 || began.elapsed() < Duration::from_millis(1500) {
        if let Reply::Error(text) = client.call(&["GET", "{b}"]).await.unwrap() {
            assert!(text.starts_with("ERR "), "{text}");
            errors += 1;
        }
        client.ask(&["SET", "{a}", "1"]).await.unwrap();
        assert!(began.elapsed() < WITHIN, "the shard was not lost");
    }
    let until = Instant::now() + WITHIN;
    while client.call(&["GET", "{b}"]).await.unwrap() != Reply::Text("1".into()) {
        assert!(Instant::now() < until, "it does not come back");
        sleep(Duration::from_millis(50)).await;
    }
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_refuses_what_would_be_refused_and_changes_nothing() {
    let cluster = TestCluster::new().await;
    let dry = "/v1/bdbs?dry_run=1";
    let fits = cluster.ask(ADMIN, "POST", dry, &cluster.definition(&json!({}))).await;
    assert_eq!((fits.status, &fits.json()["name"]), (200, &json!("redb")));
    let large = cluster.definition(&json!({"memory_size": 100_u64 << 40}));
    let refused = cluster.ask(ADMIN, "POST", dry, &large).await;
    assert_eq!(refused.refusal(), (406, "insufficient_resources".into()));
    assert_eq!(refused.json()["description"], "Cannot allocate nodes for shards");
    let asks = cluster.definition(&json!({
        "module_list": [{"module_name": "ReJSON", "module_args": ""}],
    }));
    let refused = cluster.ask(ADMIN, "POST", dry, &asks).await;
    assert_eq!(refused.refusal(), (406, "missing_module".into()));
    assert_eq!(cluster.get(ADMIN, "/v1/bdbs").await.json(), json!([]));
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_with_too_many_unanswered_commands_is_not_read() {
    let cluster = TestCluster::with_database(&json!({"max_client_pipeline": 5})).await;
    let mut waiting = cluster.client().await;
    let calls = tokio::spawn(async move {
        let mut commands = vec![Command::new(&["BLPOP", "{b}", "8"])];
        commands.extend((0..50).map(|n| Command::new(&["SET", &format!("{n}{{a}}"), "1"])));
        waiting.calls(&commands).await.unwrap().len()
    });
    sleep(Duration::from_millis(500)).await;
    let mut other = cluster.client().await;
    let Reply::Int(before) = other.ask(&["DBSIZE"]).await.unwrap() else { panic!("no number") };
    assert!((1..=10).contains(&before), "{before} of 50 commands were carried out");
    other.ask(&["RPUSH", "{b}", "go"]).await.unwrap();
    assert_eq!(calls.await.unwrap(), 51);
    assert_eq!(other.ask(&["DBSIZE"]).await.unwrap(), Reply::Int(50));
    cluster.end().await;
}
