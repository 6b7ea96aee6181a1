//! What the tests stand on.

mod client;
mod cut;
mod data;
mod docker;
mod failover;
mod load;
mod process;
mod record;
mod settings;
mod stack;
mod tier;
mod watch;

use std::{
    io::Write,
    time::{Duration, Instant},
};

pub(crate) use self::{
    client::Client,
    cut::{Cut, Side},
    data::{CLI, Server, address, sentinel_url},
    docker::{Container, compose, docker, wait_running},
    failover::Rounds,
    load::{Report, center},
    process::{Ran, run},
    record::{record, record_watched},
    settings::{artifacts, bring_back, project, setting},
    stack::{Stack, on, on_tier, up},
    tier::{Engine, Tier},
    watch::{Failover, Roles, Writes},
};

/// Asks again and again until there is an answer; fails when `limit` has passed, with what was wrong
/// the last time.
pub(crate) fn poll<T>(
    what: &str,
    limit: Duration,
    mut ask: impl FnMut() -> Result<T, String>,
) -> T {
    let begun = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(why) => {
                assert!(begun.elapsed() < limit, "no {what} within {limit:?}: {why}");
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

/// What the tests do, for who watches them: not with what libtest keeps until a test has failed.
pub(crate) fn say(what: &str) {
    let _ = writeln!(std::io::stderr(), "stack: {what}");
}

/// Lets things go on as they are for a while.
pub(crate) fn steady(seconds: f64) {
    std::thread::sleep(Duration::from_secs_f64(seconds));
}

/// How often a fault is repeated: `ACD_TEST_REPEAT`, once unless it is set.
pub(crate) fn repeats() -> u32 {
    let set = std::env::var("ACD_TEST_REPEAT").ok().filter(|set| !set.is_empty());
    set.map_or(1, |set| set.parse().expect("ACD_TEST_REPEAT is a number"))
}
