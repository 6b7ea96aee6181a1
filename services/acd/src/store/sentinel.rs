//! Which server takes writes, by the word of the sentinels.
//!
//! Not the client library's own: that one asks the sentinels in turn, so that one that hangs holds
//! everybody up, and takes the first answer, which may come from the side of a cut network that the
//! others have given up.

use std::{collections::HashMap, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use redis::{ErrorKind, RedisError, RedisResult, aio::MultiplexedConnection};
use tokio::time::{Instant, timeout_at};

use super::door::{CONNECT_TIMEOUT, Door, Host};

/// How long the sentinels have to agree; then the word of the most is taken.
const AGREEMENT: Duration = CONNECT_TIMEOUT;

pub(super) struct Sentinels {
    pub(super) hosts: Vec<Host>,
    /// What they call the group.
    pub(super) service: String,
    /// The way to them, and to the servers they watch.
    pub(super) door: Door,
    pub(super) servers: Door,
}

impl Sentinels {
    /// A connection to the primary.
    pub(super) async fn connect(
        &self,
        response_timeout: Duration,
    ) -> RedisResult<MultiplexedConnection> {
        let primary = self.primary().await?;
        let mut connection = self.servers.open(&primary, response_timeout).await?;
        // One that is a replica now would answer what only reads, with what was.
        let role: Vec<redis::Value> = redis::cmd("ROLE").query_async(&mut connection).await?;
        match role.into_iter().next().map(redis::from_redis_value::<String>) {
            Some(Ok(role)) if role == "master" => Ok(connection),
            _ => Err(unknown("the server that the sentinels name is no primary")),
        }
    }

    /// Whom most of them name.
    async fn primary(&self) -> RedisResult<Host> {
        let until = Instant::now() + AGREEMENT;
        let mut asked: FuturesUnordered<_> = self.hosts.iter().map(|host| self.ask(host)).collect();
        let mut votes: HashMap<Host, usize> = HashMap::new();
        let mut failure = unknown("no sentinel answered in time");
        while let Ok(Some(answer)) = timeout_at(until, asked.next()).await {
            match answer {
                Ok(host) => {
                    let count = votes.entry(host.clone()).or_default();
                    *count += 1;
                    if *count * 2 > self.hosts.len() {
                        return Ok(host);
                    }
                }
                Err(error) => failure = error,
            }
        }
        votes.into_iter().max_by_key(|(_, count)| *count).map(|(host, _)| host).ok_or(failure)
    }

    async fn ask(&self, host: &Host) -> RedisResult<Host> {
        let mut connection = self.door.open(host, AGREEMENT).await?;
        let mut cmd = redis::cmd("SENTINEL");
        cmd.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.service);
        let named: Option<Host> = cmd.query_async(&mut connection).await?;
        named.ok_or_else(|| unknown("the sentinels know no such service"))
    }
}

fn unknown(why: &'static str) -> RedisError {
    (ErrorKind::MasterNameNotFoundBySentinel, why).into()
}
