//! The text that `acd standalone` prints when it is ready.

use std::{
    fmt::Write as _,
    io::Write as _,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use crate::healthcheck;

/// The interval between two readiness checks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Prints the addresses and the first commands to standard output, once the API is ready.
pub(crate) async fn welcome(listening: SocketAddr, data: &str) {
    let base = format!("http://{}", reachable(listening));
    while !healthcheck::succeeds(&format!("{base}/readyz")).await {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    // Writing fails when standard output is closed, which is no error here.
    let _ = std::io::stdout().write_all(text(&base, data).as_bytes());
}

fn text(base: &str, data: &str) -> String {
    let main = format!("{base}/v1/centers/main");
    let json = "-H 'content-type: application/json' -d";
    let mut text = String::new();
    let _ = write!(
        text,
        "\n  acd {version} is ready.\n\n\
         \x20 API   {main}\n\
         \x20 Docs  {base}/docs\n\
         \x20 Data  {data}\n\n\
         \x20 An agent, who is ready, and a contact for her:\n\n\
         curl -X POST {main}/agents {json} '{{\"id\": \"ann\", \"skills\": [\"english\"]}}'\n\
         curl -X PUT {main}/agents/ann/state {json} '{{\"presence\": \"ready\"}}'\n\
         curl -X POST {main}/contacts {json} '{{\"skills\": [\"english\"]}}'\n\n\
         \x20 Ctrl-C stops it; the data stays.\n\n",
        version = env!("CARGO_PKG_VERSION"),
    );
    text
}

/// An address that a client on this machine can use.
fn reachable(mut listening: SocketAddr) -> SocketAddr {
    if listening.ip().is_unspecified() {
        listening.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    listening
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_three_commands_on_an_address_that_can_be_dialled() {
        let listening = reachable("0.0.0.0:8123".parse().unwrap());
        assert_eq!(listening.to_string(), "127.0.0.1:8123");
        let text = text(&format!("http://{listening}"), "/data");
        assert_eq!(text.lines().filter(|line| line.starts_with("curl ")).count(), 3);
    }
}
