//! Redis over TLS with a certificate of our own authority, and who is not let in.

use std::{
    io::{self, Write},
    path::Path,
    process::Command,
};

use tempfile::TempDir;

use crate::{
    audit::consistent,
    harness::{Ask, Node, Stack, has_tls, poll},
    lifecycle::all_of_it,
};

/// With what a URL needs to be escaped.
const PASSWORD: &str = "s3cret/p@ss:word";

#[tokio::test]
async fn works_over_tls_with_a_password() {
    let Some((certificates, redis)) = tls().await else {
        return;
    };
    let (url, ca) = (url(&redis, "s3cret%2Fp%40ss%3Aword"), path(&certificates, "ca.pem"));
    let stack = Stack::start(&url, 1, 1, &["--redis-ca-file", &ca]).await;
    let client = stack.client("main");
    all_of_it(&client).await;
    consistent(&client).await;
    nothing_is_told(&stack);
}

#[tokio::test]
async fn a_wrong_password_is_named_and_not_told() {
    let Some((certificates, redis)) = tls().await else {
        return;
    };
    let (url, ca) = (url(&redis, "wr0ng"), path(&certificates, "ca.pem"));
    let stack = Stack::launch(&url, 1, 1, &["--redis-ca-file", &ca]).await;
    says(&stack, "password").await;
    is_unavailable(&stack).await;
    nothing_is_told(&stack);
}

#[tokio::test]
async fn a_stranger_is_not_trusted() {
    let Some((_certificates, redis)) = tls().await else {
        return;
    };
    // Trusted are the well-known authorities, of which ours is none.
    let stack = Stack::launch(&url(&redis, "s3cret%2Fp%40ss%3Aword"), 1, 1, &[]).await;
    says(&stack, "certificate").await;
    is_unavailable(&stack).await;
    nothing_is_told(&stack);
}

/// Every process logs a line with this word.
async fn says(stack: &Stack, word: &str) {
    for process in stack.apis.iter().chain(&stack.dispatchers) {
        poll(&format!("line with {word:?}"), async || {
            process.log().to_lowercase().contains(word).then_some(())
        })
        .await;
    }
}

async fn is_unavailable(stack: &Stack) {
    let client = stack.client("main");
    let answer = client.once(Ask::get("/readyz")).await.unwrap();
    assert_eq!(answer.expect(503)["type"], "/problems/unavailable");
}

/// No log has the password, nor the wrong one.
fn nothing_is_told(stack: &Stack) {
    for process in stack.apis.iter().chain(&stack.dispatchers) {
        let log = process.log();
        assert!(!log.contains("s3cret") && !log.contains("wr0ng"), "{log}");
    }
}

fn url(redis: &Node, password: &str) -> String {
    format!("rediss://:{password}@127.0.0.1:{}", redis.port)
}

fn path(certificates: &TempDir, name: &str) -> String {
    certificates.path().join(name).display().to_string()
}

/// A server with a certificate, or nothing after saying why not.
async fn tls() -> Option<(TempDir, Node)> {
    if !has_tls() {
        // Past the test harness, which keeps to itself what a test that passes prints.
        let _ = writeln!(io::stderr(), "SKIPPED: this redis-server was built without TLS");
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    make_certificates(dir.path());
    let redis = Node::start_tls(dir.path(), PASSWORD).await;
    Some((dir, redis))
}

/// An authority, and a certificate for 127.0.0.1 that it signed.
fn make_certificates(dir: &Path) {
    let script = "
        openssl ecparam -name prime256v1 -genkey -noout -out ca.key
        openssl ecparam -name prime256v1 -genkey -noout -out server.key
        openssl req -x509 -new -key ca.key -days 2 -subj '/CN=Test authority' -out ca.pem
        openssl req -new -key server.key -subj '/CN=redis' -out server.csr
        printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\n' >server.ext
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
            -extfile server.ext -out server.pem
    ";
    let output = Command::new("sh").args(["-ec", script]).current_dir(dir).output();
    let output = output.expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "this test needs openssl: {said}");
}
