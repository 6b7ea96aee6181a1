//! The single access point, its statistics, and where centers are.

use crate::harness::{CLI, Server, Stack, say, setting};

pub(crate) fn only_primaries_are_behind_the_access_point(stack: &Stack) {
    let (client, vip) = (stack.client(), setting("ACD_VIP"));
    let port = stack.tier().port().to_string();
    // Round robin: each of the three comes several times.
    for _ in 0..9 {
        let line = [CLI, "-h", &vip, "-p", &port, "ROLE"];
        let role = client.run(&line).ok().unwrap();
        assert!(role.starts_with("master"), "{role}");
    }
    let url = format!("http://{vip}:7020/stats");
    let refused = client.curl(&[&url]).unwrap();
    assert_eq!(refused.status, 401, "{}", refused.body);
    let [user, password] = ["ACD_STATS_USER", "ACD_STATS_PASSWORD"].map(setting);
    let shown = client.curl(&["-u", &format!("{user}:{password}"), &url]).unwrap();
    assert_eq!(shown.status, 200, "{}", shown.body);
}

pub(crate) fn centers_are_spread_over_the_primaries(stack: &Stack) {
    let (client, vip) = (stack.client(), setting("ACD_VIP"));
    for number in 0..24 {
        let url = format!("http://{vip}:8000/v1/centers/spread-{number}");
        let json = ["-H", "content-type: application/json", "-d", "{}", &url];
        let answer = client.curl(&[&["-X", "PUT"], &json[..]].concat()).unwrap();
        assert!((200..300).contains(&answer.status), "{answer:?}");
    }
    let primaries = stack.primaries();
    let counts: Vec<usize> = primaries.iter().map(|primary| centers(stack, primary)).collect();
    for (primary, count) in primaries.iter().zip(&counts) {
        say(&format!("{primary} has {count} of 24 centers"));
    }
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    assert_eq!(counts.iter().sum::<usize>(), 24);
}

/// How many of the centers a server has.
fn centers(stack: &Stack, server: &Server) -> usize {
    let found = stack.client().ask(server, &["--scan", "--pattern", "acd:{*}:spread-*:config"]);
    found.lines().filter(|line| line.ends_with(":config")).count()
}
