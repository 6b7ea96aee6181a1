//! The product as processes of this machine, on real Redis servers.

mod binary;
mod client;
mod ports;
mod process;
mod redis;
mod stack;

use std::{future::Future, process::Command, time::Duration};

use rand::{Rng, rngs::StdRng};
use tokio::sync::Semaphore;

pub use self::{
    client::{Answer, Ask, Client},
    process::{Acd, begin, run},
    redis::{Node, SERVICE, has_tls},
    stack::{Stack, is_ready},
};
pub use crate::wait::{PATIENCE, Patience, poll_async as poll};

/// The longest that a test may take, on a machine that does much else.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs a test that loads the machine: one at a time, and not for ever.
pub fn alone<T>(test: impl Future<Output = T>) -> impl Future<Output = T> {
    static TURN: Semaphore = Semaphore::const_new(1);
    let test = Box::pin(test);
    async {
        let _turn = TURN.acquire().await.unwrap();
        // What cargo takes is not the test's.
        binary::acd();
        let ended = tokio::time::timeout(LIMIT, test).await;
        ended.expect("the test ends within its limit")
    }
}

/// A seed for everything random in a test: `ACD_TEST_SEED`, else a new one; shown when it fails.
pub fn seed() -> u64 {
    let given = std::env::var("ACD_TEST_SEED").ok();
    let seed = given.map_or_else(rand::random, |text| text.parse().expect("a seed is a number"));
    eprintln!("ACD_TEST_SEED={seed}");
    seed
}

/// Waits for no particular moment.
pub async fn moment(rng: &mut StdRng) {
    let ms = rng.random_range(0..400);
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// Sends a signal to a process.
pub fn signal(name: &str, pid: u32) {
    let kill = Command::new("sh").args(["-c", &format!("kill -s {name} {pid}")]).status();
    assert!(kill.expect("a shell").success(), "kill -s {name} {pid}");
}
