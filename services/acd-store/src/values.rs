//! Plain values under keys of the caller's, for who measures the database and not the ACD.
//!
//! Nothing is shared and nothing is repeated here: each handle has a connection of its own, each
//! call is one command, and one that fails tells its kind. Only a cluster's client does more by
//! itself: it follows MOVED and ASK, as every client of a cluster must.

use std::{fmt, time::Duration};

use redis::{Cmd, ErrorKind, FromRedisValue, RedisError};
use tokio::time::timeout;

use crate::{
    RedisArgs,
    redis::{
        endpoint::timed_out,
        target::{Connection, Target},
    },
};

/// Why a call failed, as one counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// There was no connection, or it broke.
    Connection,
    /// There was no answer in time; it may have been done all the same.
    TimeOut,
    /// The user or the password is wrong, or must not do this.
    Login,
    /// The server is a node of a cluster, and another one has the key.
    Moved,
    /// The server is a replica.
    ReadOnly,
    /// The server is reading its data from disk.
    Loading,
    /// The cluster has nobody who has the key now.
    ClusterDown,
    /// The primary has too few replicas to take a write.
    NoReplicas,
    /// The server's memory is full.
    OutOfMemory,
    /// Anything else.
    Other,
}

impl Fault {
    /// The fault in a word, for machines.
    pub fn code(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::TimeOut => "time_out",
            Self::Login => "login",
            Self::Moved => "moved",
            Self::ReadOnly => "read_only",
            Self::Loading => "loading",
            Self::ClusterDown => "cluster_down",
            Self::NoReplicas => "no_replicas",
            Self::OutOfMemory => "out_of_memory",
            Self::Other => "other",
        }
    }
}

/// A call that failed.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct ValueError {
    /// Its kind.
    pub fault: Fault,
    cause: RedisError,
}

impl From<RedisError> for ValueError {
    fn from(cause: RedisError) -> Self {
        let fault = match cause.code() {
            Some("MOVED" | "ASK") => Fault::Moved,
            Some("READONLY" | "MASTERDOWN") => Fault::ReadOnly,
            Some("LOADING") => Fault::Loading,
            Some("CLUSTERDOWN" | "TRYAGAIN") => Fault::ClusterDown,
            Some("NOREPLICAS") => Fault::NoReplicas,
            Some("OOM") => Fault::OutOfMemory,
            Some("NOAUTH" | "WRONGPASS" | "NOPERM") => Fault::Login,
            _ if cause.is_timeout() => Fault::TimeOut,
            _ => match cause.kind() {
                ErrorKind::AuthenticationFailed => Fault::Login,
                // The rest of a broken connection's answer can't be parsed.
                ErrorKind::Io
                | ErrorKind::Parse
                | ErrorKind::ClusterConnectionNotFound
                | ErrorKind::MasterNameNotFoundBySentinel
                | ErrorKind::NoValidReplicasFoundBySentinel => Fault::Connection,
                _ => Fault::Other,
            },
        };
        Self { fault, cause }
    }
}

/// A connection of its own, made anew by [`Values::connect`] when it broke.
pub struct Values {
    target: Target,
    limit: Duration,
    connection: Option<Connection>,
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, limit, connection } = self;
        let connected = connection.is_some();
        f.debug_struct("Values")
            .field("target", target)
            .field("limit", limit)
            .field("connected", &connected)
            .finish()
    }
}

impl Values {
    /// Values of the database that `args` name; each call may take `limit`. Nothing is connected yet.
    ///
    /// # Errors
    /// When the arguments can't be used whatever Redis says.
    pub fn new(args: &RedisArgs, limit: Duration) -> anyhow::Result<Self> {
        let target = Target::new(args.redis_url.expose(), &args.credentials()?)?;
        Ok(Self { target, limit, connection: None })
    }

    /// Connects, if it is not connected.
    pub async fn connect(&mut self) -> Result<(), ValueError> {
        if self.connection.is_none() {
            self.connection = Some(self.target.connect(self.limit).await?);
        }
        Ok(())
    }

    /// Sets a value.
    pub async fn set(&mut self, key: &str, value: &[u8]) -> Result<(), ValueError> {
        let mut cmd = redis::cmd("SET");
        cmd.arg(key).arg(value);
        self.send(&cmd).await
    }

    /// Gets a value, if there is one.
    pub async fn get(&mut self, key: &str) -> Result<Option<Vec<u8>>, ValueError> {
        let mut cmd = redis::cmd("GET");
        cmd.arg(key);
        self.send(&cmd).await
    }

    /// Removes a value, if there is one.
    pub async fn remove(&mut self, key: &str) -> Result<(), ValueError> {
        let mut cmd = redis::cmd("DEL");
        cmd.arg(key);
        self.send(&cmd).await
    }

    async fn send<T: FromRedisValue>(&mut self, cmd: &Cmd) -> Result<T, ValueError> {
        self.connect().await?;
        let Some(connection) = &mut self.connection else {
            return Err(timed_out().into());
        };
        // Over the connection's own limit: a cluster's redirections are not in that one.
        let answer = timeout(self.limit, cmd.query_async::<T>(connection)).await;
        let answer = answer.unwrap_or_else(|_| Err(timed_out()));
        if answer.as_ref().is_err_and(|error| connection.is_spoiled_by(error)) {
            self.connection = None;
        }
        Ok(answer?)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_fault_is_told_by_its_kind() {
        let io = |kind| ValueError::from(RedisError::from(io::Error::from(kind))).fault;
        assert_eq!(io(io::ErrorKind::TimedOut), Fault::TimeOut);
        assert_eq!(io(io::ErrorKind::ConnectionRefused), Fault::Connection);
        assert_eq!(ValueError::from(timed_out()).fault, Fault::TimeOut);
        for (answer, fault) in [
            ("-MOVED 1 h:1\r\n", Fault::Moved),
            ("-READONLY no\r\n", Fault::ReadOnly),
            ("-LOADING wait\r\n", Fault::Loading),
            ("-OOM no\r\n", Fault::OutOfMemory),
            ("-NOAUTH no\r\n", Fault::Login),
            ("-ERR no\r\n", Fault::Other),
        ] {
            let answer = redis::parse_redis_value(answer.as_bytes()).unwrap();
            let error = ValueError::from(answer.extract_error().unwrap_err());
            assert_eq!(error.fault, fault, "{error}");
        }
    }
}
