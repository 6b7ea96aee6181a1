//! The set-up of Redis Enterprise: what it refuses and how it says so, roles and users that are there
//! already, a definition of one's own, and the check of a running cluster.

use std::{fs, time::Duration};

use serde_json::{Value, json};

use crate::{
    harness::{Client, Ran, Stack, artifacts, compose, docker, poll, run, setting},
    scripts,
};

/// A set-up, or a start that ends in one.
const LIMIT: Duration = Duration::from_secs(300);
/// The role that the set-up makes.
const ROLE: &str = "acd-balancer";

/// `scripts/start.sh redis` with these settings.
fn start_data(settings: &[&str], emulator: bool) -> Ran {
    let line =
        [&["env"], settings, &["scripts/start.sh", "--data", "enterprise", "redis"]].concat();
    let emulator: &[&str] = if emulator { &["--emulator"] } else { &[] };
    let built = std::env::var_os("ACD_TEST_BUILD").is_some_and(|value| value == "0");
    let images: &[&str] = if built { &["--no-build"] } else { &[] };
    run(&[&line, emulator, images].concat(), LIMIT)
}

/// The set-up alone with these settings, on a cluster that is there.
fn set_up(settings: &[String]) -> Ran {
    let variables = settings.iter().flat_map(|variable| ["-e", variable]);
    let line: Vec<&str> = ["run", "--rm", "-T"].into_iter().chain(variables).collect();
    compose(&[&line[..], &["cluster-setup"]].concat(), LIMIT)
}

/// A request to the cluster's REST API as its administrator, which must go well.
fn admin(client: &Client, method: &str, path: &str, body: Option<&Value>) -> Value {
    let login = format!("{}:{}", setting("RE_ADMIN_USER"), setting("RE_ADMIN_PASSWORD"));
    let url = format!("https://{}:9443{path}", setting("RE1_ADDRESS"));
    let body = body.map(Value::to_string);
    let mut line = vec!["--location-trusted", "-u", &login, "-X", method, &url];
    if let Some(body) = &body {
        line.extend(["-H", "content-type: application/json", "-d", body]);
    }
    let answer = client.curl(&line).unwrap();
    assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap_or(Value::Null)
}

/// What is listed at `path` with this value of this field.
fn find(client: &Client, path: &str, field: &str, value: &str) -> Option<Value> {
    let list = admin(client, "GET", path, None);
    list.as_array().unwrap().iter().find(|one| one[field] == value).cloned()
}

pub(crate) fn refuses_what_does_not_fit_and_takes_a_definition_of_ones_own(stack: &Stack) {
    scripts::remove(stack);
    let ran = start_data(&["RE_MEMORY=9999g"], false);
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    for part in ["RE_MEMORY=9999g", "do not fit", "RE_HOST_CHECK=off"] {
        assert!(ran.err.contains(part), "{part} in {}", ran.all());
    }
    assert!(stack.containers().is_empty(), "it was refused before anything was made");

    // A node with too little memory, or a licence with too few shards: one sentence names both.
    let ran = start_data(&["RE_DATABASE_MEMORY=1099511627776"], true);
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    for part in
        ["can't take the database", "RE_DATABASE_MEMORY", "RE_MEMORY", "the licence allows 4"]
    {
        assert!(ran.all().contains(part), "{part} in {}", ran.all());
    }
    assert_eq!(admin(&stack.client(), "GET", "/v1/bdbs", None), json!([]), "nothing half-made");

    names_the_database_that_has_the_port(stack);
    takes_an_older_sample(stack);
    scripts::remove(stack);
    stack.start();
    stack.whole();
}

/// The port belongs to a database of another name, which is removed again.
fn names_the_database_that_has_the_port(stack: &Stack) {
    let client = stack.client();
    let other = json!({"uid": 7, "name": "other", "port": 12000, "memory_size": 33_554_432});
    admin(&client, "POST", "/v1/bdbs", Some(&other));
    let ran = start_data(&[], true);
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    assert!(ran.all().contains("port 12000 belongs to another database"), "{}", ran.all());
    admin(&client, "DELETE", "/v1/bdbs/7", None);
    poll("removal of the other database", LIMIT, || {
        let left = admin(&client, "GET", "/v1/bdbs", None);
        if left == json!([]) { Ok(()) } else { Err(left.to_string()) }
    });
}

/// The cluster goes on with a definition as older samples have it, and says what is wrong with it. They
/// ask for `ReJSON` as well, which the emulator refuses where no module file is given.
fn takes_an_older_sample(stack: &Stack) {
    let file = artifacts().join("older-sample.json");
    let sample = json!({
        "name": "older", "memory_size": 10_485_760, "replication": false, "sharding": true,
        "shards_count": 2,
        "shard_key_regex": [{"regex": ".*\\{(?<tag>.*)\\}.*"}, {"regex": "(?<tag>.*)"}],
        "authentication_redis_pass": "redis",
    });
    let define = format!("RE_DATABASE_FILE={}", file.display());
    let wrong = json!({"name": "older", "memory_size": 10_485_760, "port": 12001});
    fs::write(&file, wrong.to_string()).unwrap();
    let ran = start_data(&[&define], true);
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    assert!(ran.all().contains("port is 12001, and has to be 12000"), "{}", ran.all());

    fs::write(&file, sample.to_string()).unwrap();
    let ran = start_data(&[&define], true);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    for part in ["bytes a shard", "without replication", "without data_persistence", "are not used"]
    {
        assert!(ran.all().contains(part), "{part} in {}", ran.all());
    }
    let database = admin(&stack.client(), "GET", "/v1/bdbs/1", None);
    for (field, value) in [
        ("name", json!("older")),
        ("memory_size", json!(10_485_760)),
        ("replication", json!(false)),
        ("eviction_policy", json!("noeviction")),
        ("proxy_policy", json!("all-nodes")),
    ] {
        assert_eq!(database[field], value, "{field}");
    }
    let client = stack.client();
    let ping = |password: &str| {
        let node = setting("RE1_ADDRESS");
        client.run(&["redis-cli", "-h", &node, "-p", "12000", "-a", password, "PING"]).out
    };
    assert_eq!(ping(&setting("RE_DATABASE_PASSWORD")).trim(), "PONG", ".env's password counts");
    assert_ne!(ping("redis").trim(), "PONG", "and that of the file does not");
    fs::remove_file(&file).unwrap();
}

pub(crate) fn a_user_gets_the_role_of_ours_and_no_other(stack: &Stack) {
    let client = stack.client();
    let ours = find(&client, "/v1/roles", "name", ROLE).expect("the set-up made its role");
    assert_eq!(ours["management"], "db_viewer");

    // Another role that may view databases has been given their data, too: it is not taken.
    let foreign = json!({"name": "foreign-viewer", "management": "db_viewer"});
    let foreign = admin(&client, "POST", "/v1/roles", Some(&foreign));
    let permissions = |granted: Value| {
        let change = json!({"roles_permissions": granted});
        admin(&client, "PUT", "/v1/bdbs/1", Some(&change));
    };
    permissions(json!([{"role_uid": foreign["uid"], "redis_acl_uid": 1}]));
    let email = "second@acd.local";
    let user = json!({
        "email": email, "name": email, "password": "a-second-one", "email_alerts": false,
        "role_uids": [foreign["uid"]],
    });
    let user = admin(&client, "POST", "/v1/users", Some(&user));
    let as_second =
        [format!("RE_HEALTH_USER={email}"), "RE_HEALTH_PASSWORD=a-second-one".to_owned()];
    let ran = set_up(&as_second);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    assert!(ran.all().contains("had another role: it has acd-balancer now"), "{}", ran.all());
    let path = format!("/v1/users/{}", user["uid"]);
    assert_eq!(admin(&client, "GET", &path, None)["role_uids"], json!([ours["uid"]]));
    let ran = set_up(&as_second);
    assert!(ran.code == Some(0) && !ran.all().contains("had another role"), "{}", ran.all());

    admin(&client, "DELETE", &path, None);
    permissions(json!([]));
    admin(&client, "DELETE", &format!("/v1/roles/{}", foreign["uid"]), None);
}

pub(crate) fn refuses_a_wrong_password_and_a_role_with_other_rights(stack: &Stack) {
    let client = stack.client();
    let ran = set_up(&["RE_HEALTH_PASSWORD=wrong".to_owned()]);
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    assert!(ran.err.contains("RE_HEALTH_PASSWORD is not that of"), "{}", ran.all());
    let ran = set_up(&["RE_ADMIN_PASSWORD=wrong".to_owned()]);
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    assert!(ran.err.contains("is in a cluster that refuses"), "{}", ran.all());

    let ours = find(&client, "/v1/roles", "name", ROLE).expect("the set-up made its role");
    let path = format!("/v1/roles/{}", ours["uid"]);
    admin(&client, "PUT", &path, Some(&json!({"management": "db_member"})));
    let ran = set_up(&[]);
    admin(&client, "PUT", &path, Some(&json!({"management": "db_viewer"})));
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    assert!(ran.err.contains("is there with the management role db_member"), "{}", ran.all());
    let ran = set_up(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
}

pub(crate) fn verify_agrees_and_tells_no_secret(_: &Stack) {
    let file = artifacts().join("verify.md");
    let name = file.display().to_string();
    let line = ["redis-enterprise/verify.sh", "--restart-all", "--report", &name];
    let ran = run(&line, Duration::from_secs(600));
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    let report = fs::read_to_string(&file).unwrap();
    assert!(report.contains("EMULATOR") && report.contains("| agrees |"), "{report}");
    assert!(!report.contains("**differs**"), "{report}");
    for secret in ["RE_ADMIN_PASSWORD", "RE_DATABASE_PASSWORD", "RE_HEALTH_PASSWORD"] {
        assert!(!report.contains(&setting(secret)), "{secret}");
    }
    assert!(!report.contains(&setting("RE_ADMIN_USER")), "an e-mail address");

    let usage = run(&["redis-enterprise/verify.sh", "--nonsense"], LIMIT);
    assert_eq!(usage.code, Some(2), "{}", usage.all());
}

/// One node answers 503 for good: the set-up says that it is up, and what to do.
pub(crate) fn tells_a_node_without_its_cluster_from_one_that_starts(stack: &Stack) {
    let fault = |fault: &[&str]| {
        let id = stack.one("re2").id;
        docker(&[&["exec", &id, "redis-enterprise-emulator", "fault"], fault].concat());
    };
    fault(&["rest-503", "3m"]);
    let ran = set_up(&["RE_NODE_DEADLINE=20".to_owned()]);
    fault(&["clear"]);
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    for part in ["is up and its cluster is not", "restart re2", "rladmin recover"] {
        assert!(ran.all().contains(part), "{part} in {}", ran.all());
    }
}
