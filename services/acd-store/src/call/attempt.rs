//! Calls: attempts until one succeeds, is refused, or the deadline has passed.

use std::time::Instant;

use acd_core::ids::CenterId;
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, ServerErrorKind, Value};
use tokio::time::timeout;

use crate::{
    Result, Store, StoreError, backoff,
    call::{agreement::Agreed, keys, scripts::Script},
    error,
    link::{durability::Durability, lane},
    redis::endpoint::timed_out,
};

impl Store {
    /// Runs a script for a center.
    pub(crate) async fn call<T: FromRedisValue>(
        &self,
        script: &'static Script,
        center: &CenterId,
        args: &[&str],
    ) -> Result<T> {
        self.call_noting(script, center, args).await.answer
    }

    /// Runs a script for a center, and notes whether it may have run more than once.
    pub(crate) async fn call_noting<T: FromRedisValue>(
        &self,
        script: &'static Script,
        center: &CenterId,
        args: &[&str],
    ) -> CallOutcome<T> {
        let config = keys::config(self.partition_of(center), center);
        self.run_noting(script, self.partition_of(center), Some(&config), args).await
    }

    /// Runs a script for a partition.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        script: &'static Script,
        partition: u16,
        args: &[&str],
    ) -> Result<T> {
        self.run_noting(script, partition, None, args).await.answer
    }

    /// Runs a script for a partition, or with `config` for a center of it.
    async fn run_noting<T: FromRedisValue>(
        &self,
        script: &'static Script,
        partition: u16,
        config: Option<&str>,
        args: &[&str],
    ) -> CallOutcome<T> {
        let Agreed { documents, durability } = match self.agreed().await {
            Ok(agreed) => agreed,
            Err(error) => return CallOutcome { answer: Err(error), repeated: false },
        };
        let build = |verb: &str, code: &str| {
            let mut cmd = redis::cmd(verb);
            cmd.arg(code).arg(4 + usize::from(config.is_some()));
            cmd.arg(keys::dirty(partition)).arg(keys::bell(partition)).arg(keys::timers(partition));
            cmd.arg(keys::never(partition)).arg(config).arg(&self.inner.clock).arg(args);
            cmd
        };
        let eval = || build("EVAL", script.text(documents));
        let route = Route { partition, durability };
        self.send(script.name, route, build("EVALSHA", script.sha(documents)), eval).await
    }

    /// Sends a plain command that reads, for a partition.
    pub(crate) async fn read<T: FromRedisValue>(
        &self,
        name: &'static str,
        partition: u16,
        cmd: &Cmd,
    ) -> Result<T> {
        let route = Route { partition, durability: self.agreed().await?.durability };
        self.send(name, route, cmd.clone(), || cmd.clone()).await.answer
    }

    /// Makes attempts until one succeeds, is refused, or the deadline has passed. `eval` is what to
    /// send to a server that does not know the script: any may forget its scripts at any time, in a
    /// failover, a restart, a flush.
    async fn send<T: FromRedisValue>(
        &self,
        operation: &'static str,
        route: Route,
        mut cmd: Cmd,
        eval: impl Fn() -> Cmd + Send,
    ) -> CallOutcome<T> {
        let began = Instant::now();
        let mut backoff = backoff();
        let mut repeated = false;
        let answer = loop {
            let left = self.inner.deadline.saturating_sub(began.elapsed());
            let attempt = timeout(left.max(lane::ROUND_LIMIT), self.attempt(route, &cmd)).await;
            match attempt.unwrap_or_else(|_| Err(timed_out())) {
                Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                    cmd = eval();
                }
                Err(error)
                    if error::is_passing(&error) && began.elapsed() < self.inner.deadline =>
                {
                    metrics::counter!("acd_store_retries_total", "operation" => operation)
                        .increment(1);
                    tracing::debug!(operation, %error, "trying again");
                    repeated = true;
                    backoff.wait().await;
                }
                answer => break answer.map_err(StoreError::from),
            }
        };
        // Decoded once it is here: what can't be read is our fault, and asking again won't help.
        let answer = answer
            .and_then(|value| redis::from_redis_value::<T>(value).map_err(StoreError::broken));
        let outcome = match &answer {
            Ok(_) => "ok",
            Err(StoreError::Refused(_)) => "refused",
            Err(StoreError::Unavailable(_)) => "unavailable",
            Err(StoreError::Broken(_)) => "broken",
        };
        metrics::histogram!("acd_store_call_duration_seconds", "operation" => operation, "outcome" => outcome)
            .record(began.elapsed().as_secs_f64());
        CallOutcome { answer, repeated }
    }

    /// Sends a command once.
    async fn attempt(&self, route: Route, cmd: &Cmd) -> std::result::Result<Value, RedisError> {
        let inner = &self.inner;
        // In a cluster a node that hangs must not hold up the others' partitions.
        if route.durability == Durability::Replicated || inner.target.is_cluster() {
            inner.lanes.call(route.partition, route.durability, cmd).await
        } else {
            inner.link.call(cmd).await
        }
    }
}

/// Where a command goes, and what it takes to be answered.
#[derive(Clone, Copy, Debug)]
struct Route {
    partition: u16,
    durability: Durability,
}

/// How a call ended.
#[derive(Debug)]
pub(crate) struct CallOutcome<T> {
    pub(crate) answer: Result<T>,
    /// An attempt before the last one failed, and may have been carried out all the same.
    pub(crate) repeated: bool,
}
