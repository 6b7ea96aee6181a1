//! What clients reach through the virtual address, and what they are refused.

use std::collections::BTreeSet;

use crate::harness::{Client, Stack, docker, setting};

pub(crate) fn api_console_rest_and_database_answer(stack: &Stack) {
    let client = stack.client();
    let vip = setting("ACD_VIP");
    let contact = format!("http://{vip}:8000/v1/centers/main/contacts");
    let json = ["-H", "content-type: application/json", "-H", "idempotency-key: access"];
    for status in [201, 200] {
        let create = [&json[..], &["-d", r#"{"skills": ["nobody has this"]}"#, &contact]].concat();
        let answer = client.curl(&create).unwrap();
        assert_eq!(answer.status, status, "{}", answer.body);
        if status == 200 {
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            let cancel = format!("{contact}/{id}/cancel");
            assert_eq!(client.curl(&["-X", "POST", &cancel]).unwrap().status, 200);
        }
    }
    let tls = format!("https://{vip}:8001/readyz");
    let written = "%{http_version} %{http_code}";
    let line = ["curl", "--silent", "--insecure", "--output", "/dev/null", "--write-out", written];
    assert_eq!(client.run(&[&line[..], &[&tls]].concat()).out, "2 200", "HTTP/2 over TLS");

    let password = setting("RE_DATABASE_PASSWORD");
    assert_eq!(client.redis(&password, &["PING"]), "PONG");
    let [user, admin] = ["RE_ADMIN_USER", "RE_ADMIN_PASSWORD"].map(setting);
    let databases = format!("https://{vip}:9443/v1/bdbs");
    // Once a node: each answers itself, and sends nobody to an address of the inside.
    for _ in 0..6 {
        let answer = client.curl(&["-u", &format!("{user}:{admin}"), &databases]).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.json()[0]["port"], 12000);
    }
    let console = client.curl(&[&format!("https://{vip}:8443/")]).unwrap();
    assert!(console.status == 200 && console.body.contains("Log in"), "{}", console.body);
}

pub(crate) fn a_wrong_password_is_refused(stack: &Stack) {
    let client = stack.client();
    let vip = setting("ACD_VIP");
    let refused = client.redis("wrong", &["PING"]);
    assert!(refused.contains("WRONGPASS") && !refused.contains("PONG"), "{refused}");
    let nobody = client.run(&["redis-cli", "-h", &vip, "-p", "12000", "PING"]);
    assert!(nobody.all().contains("NOAUTH"), "{}", nobody.all());

    let user = setting("RE_ADMIN_USER");
    let databases = format!("https://{vip}:9443/v1/bdbs");
    for login in [&["-u", &format!("{user}:wrong")][..], &[]] {
        let answer = client.curl(&[login, &[&databases]].concat()).unwrap();
        assert_eq!(answer.status, 401, "{}", answer.body);
    }
    let login = format!("https://{vip}:8443/login");
    let form = format!("username={user}&password=wrong");
    let answer = client.curl(&["-d", &form, &login]).unwrap();
    assert!(answer.status == 401 && answer.body.contains("wrong"), "{}", answer.body);
}

pub(crate) fn the_statistics_page_needs_its_password(stack: &Stack) {
    let client = stack.client();
    let base = format!("http://{}:1936", setting("ACD_VIP"));
    let [user, password] = ["ACD_STATS_USER", "ACD_STATS_PASSWORD"].map(setting);
    let right = format!("{user}:{password}");
    for (path, shows) in [("/stats", "database"), ("/metrics", "haproxy_server_status")] {
        let url = format!("{base}{path}");
        for login in [&[][..], &["-u", &format!("{user}:wrong")]] {
            let answer = client.curl(&[login, &[&url]].concat()).unwrap();
            assert_eq!(answer.status, 401, "{path}");
            assert!(!answer.body.contains(shows), "{path}");
        }
        let answer = client.curl(&["-u", &right, &url]).unwrap();
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.body.contains(shows), "{path}: {}", answer.body);
    }
}

pub(crate) fn a_console_session_stays_on_its_node(stack: &Stack) {
    let client = stack.client();
    let node = log_in(&client, "stays");
    for _ in 0..9 {
        assert_eq!(session_node(&client, "stays"), node, "sent elsewhere");
    }
    // Nobody is sent to one and the same node, or this would prove nothing.
    let others = (0..6).map(|n| log_in(&client, &format!("other{n}")));
    assert!(others.collect::<BTreeSet<_>>().len() > 1);

    let service = format!("re{node}");
    docker(&["stop", &stack.one(&service).id]);
    // The session was that node's: the browser comes to another one, and logs in again.
    let next = log_in(&client, "stays");
    assert_ne!(next, node);
    assert_eq!(session_node(&client, "stays"), next);
    docker(&["start", &stack.one(&service).id]);
}

pub(crate) fn rladmin_and_status_tell_how_it_is(stack: &Stack) {
    for node in ["re1", "re2", "re3"] {
        let shown = docker(&["exec", &stack.one(node).id, "rladmin", "status"]);
        for part in ["CLUSTER NODES:", "DATABASES:", "ENDPOINTS:", "SHARDS:", "redb", "12000"] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }
    let status = stack.status();
    assert_eq!(status.code, Some(0), "{}", status.all());
    let holder = stack.holder().service;
    let line = format!("virtual IP {}: {holder}\n", setting("ACD_VIP"));
    assert!(status.out.contains(&line), "{}", status.out);
    for part in ["EMULATOR", "database ", "console ", "cluster ", "api "] {
        assert!(status.out.contains(part), "{part} in {}", status.out);
    }
}

/// Logs in with the cookies of this session, if it has any; gives the number of the node.
fn log_in(client: &Client, session: &str) -> u32 {
    let [user, password] = ["RE_ADMIN_USER", "RE_ADMIN_PASSWORD"].map(setting);
    let url = format!("https://{}:8443/login", setting("ACD_VIP"));
    let cookies = format!("/tmp/cookies-{session}");
    let [user, password] = [format!("username={user}"), format!("password={password}")];
    let line = [
        "--cookie",
        &cookies,
        "--cookie-jar",
        &cookies,
        "--location",
        "--data-urlencode",
        &user,
        "--data-urlencode",
        &password,
        &url,
    ];
    node_of(&client.curl(&line).unwrap().body)
}

fn session_node(client: &Client, session: &str) -> u32 {
    let cookies = format!("/tmp/cookies-{session}");
    let url = format!("https://{}:8443/", setting("ACD_VIP"));
    let line = ["--cookie", &cookies, "--cookie-jar", &cookies, &url];
    node_of(&client.curl(&line).unwrap().body)
}

/// The node that the page names, for somebody who is logged in.
fn node_of(page: &str) -> u32 {
    let (_, rest) =
        page.split_once("<strong>node ").unwrap_or_else(|| panic!("logged out: {page}"));
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}
