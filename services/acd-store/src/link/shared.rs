//! The connection that all calls of a process share. It is replaced when it breaks.
//!
//! The client library's connection manager is not used: it stays broken for ever when a reconnection
//! ends in an error reply such as -LOADING, and it does not ask the sentinels again.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use redis::{Cmd, RedisError, RedisResult, Value};
use tokio::time::timeout;

pub(crate) use crate::limits::RESPONSE_TIMEOUT;
use crate::redis::{
    endpoint::timed_out,
    target::{Connection, Target},
};

#[derive(Debug)]
pub(crate) struct Link {
    target: Arc<Target>,
    current: Mutex<Current>,
    /// Held while connecting, so that concurrent callers open one connection.
    connecting: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Current {
    /// Counts connections, so that a call can discard only the connection that it used.
    generation: u64,
    connection: Option<Connection>,
    since: Option<Instant>,
    /// Counts failed attempts to connect.
    failures: u64,
    /// The error of the last one.
    failure: Option<RedisError>,
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Current").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Link {
    pub(crate) fn new(target: Arc<Target>) -> Self {
        Self { target, current: Mutex::default(), connecting: tokio::sync::Mutex::default() }
    }

    fn current(&self) -> std::sync::MutexGuard<'_, Current> {
        // A poisoned lock is used as it is: no panic can leave the value half updated.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ready(&self) -> Option<(u64, Connection)> {
        let current = self.current();
        current.connection.clone().map(|connection| (current.generation, connection))
    }

    /// Sends a command once.
    pub(crate) async fn call(&self, cmd: &Cmd) -> RedisResult<Value> {
        let interpret = |error| self.target.interpret(error);
        let (generation, mut connection) = self.get().await.map_err(interpret)?;
        let answer = timeout(RESPONSE_TIMEOUT * 2, cmd.query_async(&mut connection)).await;
        let answer = answer.unwrap_or_else(|_| Err(timed_out())).map_err(interpret);
        if answer.as_ref().is_err_and(|error| connection.is_spoiled_by(error)) {
            self.discard(generation);
        }
        answer
    }

    /// The shared connection and its generation. Connects if there is none.
    async fn get(&self) -> RedisResult<(u64, Connection)> {
        if let Some(ready) = self.ready() {
            return Ok(ready);
        }
        let failures = self.current().failures;
        let _connecting = self.connecting.lock().await;
        if let Some(ready) = self.ready() {
            return Ok(ready);
        }
        // Another call tried while this one waited for the lock. Its failure is shared by all that
        // waited, or each would try in turn.
        {
            let current = self.current();
            if let Some(failure) = current.failure.clone().filter(|_| current.failures != failures)
            {
                return Err(failure);
            }
        }
        let made = self.target.connect(RESPONSE_TIMEOUT).await;
        let mut current = self.current();
        let connection = match made {
            Ok(connection) => connection,
            Err(error) => {
                current.failures += 1;
                current.failure = Some(error.clone());
                return Err(error);
            }
        };
        current.generation += 1;
        current.connection = Some(connection.clone());
        current.since = Some(Instant::now());
        Ok((current.generation, connection))
    }

    /// Discards the connection of that generation, if it is still the current one.
    fn discard(&self, generation: u64) {
        let mut current = self.current();
        if current.generation == generation && current.connection.take().is_some() {
            let lived_ms = current.since.map_or(0, |since| since.elapsed().as_millis());
            tracing::debug!(lived_ms, "connection to Redis discarded");
        }
    }
}
