//! What happens when it is called, rightly and wrongly.

use std::{fs, net::TcpListener};

use crate::support::{acd, complaint, output};

#[test]
fn a_wrong_value_is_one_line_and_exit_code_2() {
    let work = tempfile::tempdir().unwrap();
    for (words, names) in [
        ("api --listen nowhere", "--listen"),
        ("api --redis-url http://127.0.0.1", "Redis settings"),
        ("standalone --listen 127.0.0.1:0 --redis-url redis+unix://x", "Redis settings"),
        ("api --drain-time 5", "--drain-time"),
        ("api --request-timeout 1h", "ACD_REQUEST_TIMEOUT"),
        ("dispatcher --dispatch-budget 0", "--dispatch-budget"),
        ("dispatcher --dispatcher-listen 8001", "--dispatcher-listen"),
        ("dispatcher --dispatch-max-sleep 4s", "ACD_DISPATCH_MAX_SLEEP"),
        ("standalone --redis-fsync sometimes", "--redis-fsync"),
        ("standalone --redis-server /bin/false", "--redis-server"),
        ("standalone --dispatch-max-sleep 4s", "ACD_DISPATCH_MAX_SLEEP"),
        ("standalone --body-limit 1", "ACD_BODY_LIMIT"),
        ("simulator run --agents many", "--agents"),
        ("simulator availability --max-gap 500", "--max-gap"),
        ("dispatcher --dispatch-max-sleep 6s", "--dispatch-max-sleep"),
        ("healthcheck --url https://localhost", "--url"),
        ("api --log=[", "ACD_LOG"),
        ("standalone --log-format xml", "--log-format"),
        ("standalone --data-dri x", "--data-dir"),
        ("standalon", "standalone"),
    ] {
        let line = complaint(acd(work.path()).args(words.split(' ')), 2);
        assert!(line.starts_with("acd: ") && line.contains(names), "{words}: {line}");
    }
    assert!(!work.path().join("acd-data").exists());
}

#[test]
fn a_wrong_variable_is_named() {
    let work = tempfile::tempdir().unwrap();
    let line = complaint(acd(work.path()).arg("api").env("ACD_LISTEN", "x"), 2);
    assert!(line.contains("ACD_LISTEN"), "{line}");
}

#[test]
fn reads_dotenv_but_the_environment_and_flags_win() {
    let work = tempfile::tempdir().unwrap();
    fs::write(
        work.path().join(".env"),
        "# port 1 answers nobody\nACD_HEALTHCHECK_URL=http://127.0.0.1:1/env-file\n",
    )
    .unwrap();
    let asked = |vars: &[(&str, &str)], flags: &[&str]| {
        let mut command = acd(work.path());
        let run = output(command.arg("healthcheck").args(flags).envs(vars.iter().copied()));
        assert_eq!(run.status.code(), Some(1));
        String::from_utf8(run.stdout).unwrap()
    };
    let variable = [("ACD_HEALTHCHECK_URL", "http://127.0.0.1:1/variable")];
    assert!(asked(&[], &[]).contains("/env-file"));
    assert!(asked(&variable, &[]).contains("/variable"));
    assert!(asked(&variable, &["--url", "http://127.0.0.1:1/flag"]).contains("/flag"));

    fs::write(work.path().join(".env"), "no assignment\n").unwrap();
    assert!(complaint(acd(work.path()).arg("openapi"), 2).contains(".env"));
}

#[test]
fn help_tells_flag_variable_and_default() {
    let work = tempfile::tempdir().unwrap();
    for (role, tells) in [
        ("api", "ACD_LISTEN=] [default: 0.0.0.0:8000]"),
        ("dispatcher", "ACD_DISPATCHER_LISTEN=] [default: 0.0.0.0:8001]"),
        ("standalone", "ACD_LISTEN=] [default: 127.0.0.1:8000]"),
        ("standalone", "ACD_DATA_DIR=] [default: ./acd-data]"),
        ("simulator", "run"),
        ("simulator", "availability"),
    ] {
        let run = output(acd(work.path()).args([role, "--help"]));
        let text = String::from_utf8(run.stdout).unwrap();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(run.status.success() && text.contains(tells), "{role}: {text}");
    }
    let version = output(acd(work.path()).arg("--version"));
    let expected = format!("acd {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8(version.stdout).unwrap(), expected);
}

#[test]
fn prints_the_openapi_document() {
    let work = tempfile::tempdir().unwrap();
    let run = output(acd(work.path()).arg("openapi"));
    let document: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert!(run.status.success());
    assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
}

#[test]
fn a_port_in_use_is_one_line_and_exit_code_1() {
    let work = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let line = complaint(acd(work.path()).args(["standalone", "--listen", &address]), 1);
    assert!(line.contains(&address) && line.contains("in use"), "{line}");
    assert!(!work.path().join("acd-data").exists());
}

#[test]
fn a_data_directory_that_can_not_be_made_is_one_line_and_exit_code_1() {
    let work = tempfile::tempdir().unwrap();
    let file = work.path().join("file");
    fs::write(&file, "").unwrap();
    let mut command = acd(work.path());
    command.args(["standalone", "--listen", "127.0.0.1:0", "--data-dir"]).arg(file.join("data"));
    assert!(complaint(&mut command, 1).contains("data directory"));
}

#[test]
fn without_a_redis_server_it_says_what_to_do() {
    let work = tempfile::tempdir().unwrap();
    let mut command = acd(work.path());
    let line =
        complaint(command.args(["standalone", "--listen", "127.0.0.1:0"]).env("PATH", ""), 1);
    assert!(line.contains("7.0") && line.contains("--redis-url"), "{line}");
}
