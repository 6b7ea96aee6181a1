//! The highly available stack in containers, made by the project's own scripts.

mod client;
mod cut;
mod data;
mod docker;
mod failover;
mod load;
mod plan;
mod process;
mod record;
mod settings;
mod slots;
mod stack;
mod tier;
mod watch;

use std::{io::Write, time::Duration};

pub use self::{
    client::{Answer, Client, Watched},
    cut::{Cut, Side},
    data::{CLI, Said, Server, address, sentinel_url},
    docker::{Container, compose, docker, wait_running},
    failover::Rounds,
    load::{Load, Report, center},
    plan::{Part, Test, run as run_plan},
    process::{Process, Ran, run},
    record::{record, record_watched},
    settings::{artifacts, bring_back, project, setting},
    slots::{SLOTS, key_of_each_slot},
    stack::{Stack, up},
    tier::{Engine, Tier},
    watch::{Failover, Roles, Tried, Writes},
};
pub use crate::wait::poll;

/// What the tests do, for who watches them: not with what libtest keeps until a test has failed.
pub fn say(what: &str) {
    let _ = writeln!(std::io::stderr(), "stack: {what}");
}

/// Lets things go on as they are for a while.
pub fn steady(seconds: f64) {
    std::thread::sleep(Duration::from_secs_f64(seconds));
}

/// How often a fault is repeated: `ACD_TEST_REPEAT`, once unless it is set.
pub fn repeats() -> u32 {
    let set = std::env::var("ACD_TEST_REPEAT").ok().filter(|set| !set.is_empty());
    set.map_or(1, |set| set.parse().expect("ACD_TEST_REPEAT is a number"))
}
