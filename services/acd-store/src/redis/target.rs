//! Where Redis is, and a connection to it: one server, a Sentinel group, or a cluster.

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

/// Who we are to Redis, over what the URL says.
#[derive(Clone, Default)]
pub(crate) struct Credentials {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) ca_pem: Option<Vec<u8>>,
}

/// Makes connections to whatever server takes writes now.
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
    /// The target that `url` names. Nothing is connected yet.
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
                ensure!(Path::new(&path).is_absolute(), "the path of a redis+unix URL is absolute");
                let info = endpoint.through(ConnectionAddr::Unix(path.into()))?;
                Self::Single(Box::new(endpoint.client(info)?))
            }
            Kind::Single => {
                let host = hosts.first().context("a Redis URL names a host")?;
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
                // The sentinels are asked in the clear or over TLS, as the servers are.
                let login = Endpoint::login(user.as_deref(), password.as_deref());
                let sentinels = Endpoint { login, ..endpoint.clone() };
                let group = Sentinels::new(hosts, service, through, sentinels, endpoint);
                Self::Sentinel(Arc::new(group))
            }
        })
    }

    /// A connection of its own for keys of every slot, whose answers may take `response_timeout`.
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

    /// A connection of its own to the server that takes writes of `key`, and of all keys with the same
    /// hash tag.
    pub(crate) async fn connect_for(
        &self,
        key: &str,
        response_timeout: Duration,
    ) -> RedisResult<MultiplexedConnection> {
        self.reach(key, response_timeout).await.map(|peer| peer.connection)
    }

    /// The same, and who it leads to.
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

    /// Whether what is written here goes to replicas, too.
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

    /// Asks the sentinels again, in the background and once in a while, where there are any.
    pub(crate) fn keep_fresh(&self) {
        if let Self::Sentinel(group) = self {
            group.keep_fresh();
        }
    }

    pub(crate) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    /// What an error of a server means for the connection over which it came.
    ///
    /// Behind one address there may be a proxy, as in Redis Enterprise. An error that it makes itself
    /// while it does not reach a shard is like a lost connection: the call is retried until its
    /// deadline, on a new connection, because a balancer may lead that one to a proxy that does reach
    /// the shard; then it has failed as unavailable. The bound is the call's deadline and not a time
    /// since the last success: an outage that takes longer makes no call wrong. Sentinels, clusters
    /// and sockets lead to Redis itself, whose errors of this kind are mistakes of ours.
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

/// Name resolution and the TLS handshake have no limit of theirs.
///
/// Boxed, because whoever calls has a place for it from beginning to end: without, each request that
/// waits takes 7 KB more, and a few hundred of them the processor's cache.
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
    /// True when this connection is not to be used again after this error. One to a cluster mends
    /// itself node by node: to throw it away would make all suffer for one.
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
    fn only_one_address_may_be_that_of_a_proxy() {
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
