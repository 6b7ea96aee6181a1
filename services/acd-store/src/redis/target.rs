//! The Redis deployment that a URL names (one server, a Sentinel group or a cluster), and connections
//! to it.

use std::{fmt, path::Path, pin::Pin, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use redis::{
    Client, Cmd, ConnectionAddr, ConnectionInfo, InfoDict, Pipeline, RedisError, RedisFuture,
    RedisResult, TlsCertificates, Value,
    aio::{ConnectionLike, MultiplexedConnection},
    cluster::{ClusterClient, ClusterConfig},
    cluster_async::ClusterConnection,
};

use crate::{
    error::{is_unknown, spoils_connection},
    limits::{CONNECT_LIMIT, CONNECT_TIMEOUT},
    redis::{
        cluster::Cluster,
        endpoint::{Endpoint, Peer, open, tcp_settings, timed_out},
        sentinel::Sentinels,
        url::{Address, Kind},
    },
};

/// Credentials and trusted certificates from the settings. They override those in the URL.
#[derive(Clone, Default)]
pub(crate) struct Credentials {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) ca_pem: Option<Vec<u8>>,
}

/// Connects to the server that currently takes writes.
pub(crate) enum Target {
    Single(Box<Client>),
    Sentinel(Arc<Sentinels>),
    Cluster(Box<Cluster>),
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Single(_) => "Single",
            Self::Sentinel(_) => "Sentinel",
            Self::Cluster(_) => "Cluster",
        })
    }
}

impl Target {
    /// The target that `url` names. Does not connect yet.
    ///
    /// # Errors
    /// When the URL or the CA file can't be used.
    pub(crate) fn new(url: &str, credentials: &Credentials) -> anyhow::Result<Self> {
        let address: Address = url.parse()?;
        let user = credentials.user.as_deref().or(address.user.as_deref());
        let password = credentials.password.as_deref().or(address.password.as_deref());
        let certificates = credentials
            .ca_pem
            .clone()
            .map(|pem| TlsCertificates { client_tls: None, root_cert: Some(pem) });
        let endpoint =
            Endpoint { tls: address.tls, login: Endpoint::login(user, password), certificates };
        let hosts = address.hosts;
        Ok(match address.kind {
            Kind::Unix(path) => {
                ensure!(
                    Path::new(&path).is_absolute(),
                    "the path of a redis+unix URL must be absolute"
                );
                let info = endpoint.through(ConnectionAddr::Unix(path.into()))?;
                Self::Single(Box::new(endpoint.client(info)?))
            }
            Kind::Single => {
                let host = hosts.first().context("a Redis URL needs a host")?;
                Self::Single(Box::new(endpoint.client(endpoint.to(host)?)?))
            }
            Kind::Cluster => {
                let nodes: Vec<ConnectionInfo> =
                    hosts.iter().map(|host| endpoint.to(host)).collect::<RedisResult<_>>()?;
                let mut builder = ClusterClient::builder(nodes)
                    .connection_timeout(CONNECT_TIMEOUT)
                    .tcp_settings(tcp_settings())
                    .max_retry_wait(200)
                    .min_retry_wait(20)
                    .retries(3);
                if let Some(certificates) = endpoint.certificates.clone() {
                    builder = builder.certs(certificates);
                }
                let client = builder.build()?;
                Self::Cluster(Box::new(Cluster::new(hosts, endpoint, client)))
            }
            Kind::Sentinel { service, through, user, password } => {
                // TLS applies to the sentinels and the servers alike.
                let login = Endpoint::login(user.as_deref(), password.as_deref());
                let sentinels = Endpoint { login, ..endpoint.clone() };
                let group = Sentinels::new(hosts, service, through, sentinels, endpoint);
                Self::Sentinel(Arc::new(group))
            }
        })
    }

    /// A new connection for keys of every slot. A reply may take `response_timeout`.
    pub(crate) async fn connect(&self, response_timeout: Duration) -> RedisResult<Connection> {
        within_limit(Box::pin(async {
            Ok(match self {
                Self::Single(client) => Connection::Single(open(client, response_timeout).await?),
                Self::Sentinel(group) => {
                    Connection::Single(group.connect(response_timeout).await?.connection)
                }
                Self::Cluster(cluster) => {
                    let config = ClusterConfig::new()
                        .set_connection_timeout(CONNECT_TIMEOUT)
                        .set_response_timeout(response_timeout);
                    let client = &cluster.client;
                    let connection = client.get_async_connection_with_config(config).await?;
                    Connection::Cluster(connection)
                }
            })
        }))
        .await
    }

    /// A new connection to the server that takes writes for `key`, and for all keys with the same hash
    /// tag. A reply may take `response_timeout`.
    pub(crate) async fn connect_for(
        &self,
        key: &str,
        response_timeout: Duration,
    ) -> RedisResult<MultiplexedConnection> {
        self.reach(key, response_timeout).await.map(|peer| peer.connection)
    }

    /// Like [`Self::connect_for`], with the address of the server.
    pub(crate) async fn reach(&self, key: &str, response_timeout: Duration) -> RedisResult<Peer> {
        within_limit(Box::pin(async {
            let connection = match self {
                Self::Single(client) => open(client, response_timeout).await?,
                Self::Sentinel(group) => return group.connect(response_timeout).await,
                Self::Cluster(cluster) => cluster.connect(key, response_timeout).await?,
            };
            Ok(Peer { connection, host: None })
        }))
        .await
    }

    /// Whether writes are replicated to at least one replica.
    pub(crate) async fn has_replicas(&self) -> RedisResult<bool> {
        within_limit(Box::pin(async {
            match self {
                Self::Sentinel(_) => Ok(true),
                Self::Cluster(cluster) => cluster.has_replicas().await,
                Self::Single(client) => {
                    let mut connection = open(client, CONNECT_LIMIT).await?;
                    let mut cmd = redis::cmd("INFO");
                    let info: InfoDict =
                        cmd.arg("replication").query_async(&mut connection).await?;
                    Ok(info.get::<u32>("connected_slaves").is_some_and(|count| count > 0))
                }
            }
        }))
        .await
    }

    /// With Sentinel, refreshes the sentinels' reports in the background, at a limited rate.
    pub(crate) fn keep_fresh(&self) {
        if let Self::Sentinel(group) = self {
            group.keep_fresh();
        }
    }

    pub(crate) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    /// Classifies an error reply: an error that a proxy may have made becomes a lost connection.
    ///
    /// A single address may be that of a proxy, as in Redis Enterprise. While the proxy can't reach a
    /// shard it answers with errors of its own, which are treated like a lost connection. The call is
    /// retried on a new connection, which a load balancer may route to a proxy that reaches the shard.
    /// When the call's deadline has passed, it fails as unavailable. The limit is the deadline of the
    /// call, not the time since the last success, because a long outage does not make a call wrong.
    /// Sentinels, clusters and sockets lead to Redis itself. There, such an error is a bug of this
    /// program.
    pub(crate) fn interpret(&self, error: RedisError) -> RedisError {
        let proxied = match self {
            Self::Single(client) => {
                !matches!(client.get_connection_info().addr(), ConnectionAddr::Unix(_))
            }
            Self::Sentinel(_) | Self::Cluster(_) => false,
        };
        if proxied && is_unknown(&error) { std::io::Error::other(error).into() } else { error }
    }
}

/// Limits the time to connect: name resolution and the TLS handshake have no limit of their own.
///
/// The future is boxed because it would otherwise be part of every caller's future: each waiting
/// request would take 7 KB more, and a few hundred of them would exceed the processor's cache.
async fn within_limit<T>(
    connect: Pin<Box<impl Future<Output = RedisResult<T>>>>,
) -> RedisResult<T> {
    tokio::time::timeout(CONNECT_LIMIT, connect).await.unwrap_or_else(|_| Err(timed_out()))
}

/// A connection to one server or to a cluster.
#[derive(Clone)]
pub(crate) enum Connection {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Connection {
    /// True when this connection must not be used again after this error. A cluster connection
    /// reconnects to each node by itself; discarding it would disconnect all nodes because of one.
    pub(crate) fn is_spoiled_by(&self, error: &redis::RedisError) -> bool {
        match self {
            Self::Single(_) => spoils_connection(error),
            Self::Cluster(_) => error.kind() == redis::ErrorKind::ClusterConnectionNotFound,
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(connection) => connection.req_packed_command(cmd),
            Self::Cluster(connection) => connection.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_single_address_may_be_a_proxy() {
        let unknown = || {
            let answer = redis::parse_redis_value(b"-ERR no shard\r\n").unwrap();
            answer.extract_error().unwrap_err()
        };
        let passes = |url: &str| {
            let target = Target::new(url, &Credentials::default()).unwrap();
            crate::error::is_passing(&target.interpret(unknown()))
        };
        assert!(passes("redis://h:12000"));
        for url in ["redis+unix:///s", "redis+sentinel://h/m", "redis+cluster://h"] {
            assert!(!passes(url), "{url}");
        }
        let wrong = redis::parse_redis_value(b"-ERR syntax error\r\n").unwrap();
        let wrong = wrong.extract_error().unwrap_err();
        let target = Target::new("redis://h", &Credentials::default()).unwrap();
        assert_eq!(target.interpret(wrong.clone()), wrong);
    }
}
