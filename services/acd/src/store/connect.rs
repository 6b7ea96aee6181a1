//! Where Redis is, and a connection to it: one server, a Sentinel group, or a cluster.

use std::{fmt, path::Path, time::Duration};

use anyhow::{Context, anyhow, bail, ensure};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, IntoConnectionInfo,
    Pipeline, RedisConnectionInfo, RedisFuture, RedisResult, TlsCertificates, TlsMode, Value,
    aio::{ConnectionLike, MultiplexedConnection},
    cluster::{ClusterClient, ClusterConfig},
    cluster_async::ClusterConnection,
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
    sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType},
};
use tokio::sync::Mutex;

use super::url::{Address, Kind};

/// How long a connection may take to be made to one address. Below the second after which the kernel
/// sends a lost SYN again: where an address moves, the first may well be lost.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(400);
/// How long it may take over all.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// Who we are to Redis, over what the URL says.
#[derive(Clone, Default)]
pub(super) struct Credentials {
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) ca_pem: Option<Vec<u8>>,
}

/// Makes connections to whatever server takes writes now.
pub(super) enum Target {
    Single(Client),
    Sentinel(Mutex<SentinelClient>),
    Cluster(ClusterClient),
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

/// What notices a dead peer while nothing is being sent (keep-alive) and while something is
/// (user time-out); without them a connection into a cut network hangs for minutes.
fn tcp_settings() -> TcpSettings {
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(1))
        .with_interval(Duration::from_secs(1))
        .with_retries(2);
    TcpSettings::default()
        .set_nodelay(true)
        .set_keepalive(keepalive)
        .set_user_timeout(Duration::from_secs(3))
}

impl Target {
    /// The target that `url` names. Nothing is connected yet.
    ///
    /// # Errors
    /// When the URL or the CA file can't be used.
    pub(super) fn new(url: &str, credentials: &Credentials) -> anyhow::Result<Self> {
        let address: Address = url.parse()?;
        let user = credentials.user.clone().or(address.user.clone());
        let password = credentials.password.clone().or(address.password.clone());
        let certificates = credentials
            .ca_pem
            .clone()
            .map(|pem| TlsCertificates { client_tls: None, root_cert: Some(pem) });
        let mut login = RedisConnectionInfo::default();
        if let Some(user) = &user {
            login = login.set_username(user);
        }
        if let Some(password) = &password {
            login = login.set_password(password);
        }
        let nodes = address.hosts.iter().map(|(host, port)| {
            let addr = if address.tls {
                ConnectionAddr::TcpTls {
                    host: host.clone(),
                    port: *port,
                    insecure: false,
                    tls_params: None,
                }
            } else {
                ConnectionAddr::Tcp(host.clone(), *port)
            };
            info(addr, login.clone())
        });
        match &address.kind {
            Kind::Unix(path) => {
                ensure!(Path::new(path).is_absolute(), "the path of a redis+unix URL is absolute");
                let info = info(ConnectionAddr::Unix(path.into()), login)?;
                #[expect(clippy::disallowed_methods, reason = "this is the place for it")]
                Ok(Self::Single(Client::open(info)?))
            }
            Kind::Single => {
                let info = nodes.into_iter().next().context("a Redis URL names a host")??;
                #[expect(clippy::disallowed_methods, reason = "this is the place for it")]
                let client = match certificates {
                    Some(certificates) => Client::build_with_tls(info, certificates)?,
                    None => Client::open(info)?,
                };
                Ok(Self::Single(client))
            }
            Kind::Cluster => {
                let nodes = nodes.collect::<anyhow::Result<Vec<_>>>()?;
                let mut builder = ClusterClient::builder(nodes)
                    .connection_timeout(CONNECT_TIMEOUT)
                    .tcp_settings(tcp_settings())
                    .max_retry_wait(200)
                    .min_retry_wait(20)
                    .retries(3);
                if let Some(certificates) = certificates {
                    builder = builder.certs(certificates);
                }
                Ok(Self::Cluster(builder.build()?))
            }
            Kind::Sentinel { service, user: sentinel_user, password: sentinel_password } => {
                // The sentinels are asked in the clear or over TLS, as the data nodes are.
                let sentinels = nodes
                    .map(|n| n.map(|n| n.addr().clone()))
                    .collect::<anyhow::Result<Vec<_>>>()?;
                let mut builder =
                    SentinelClientBuilder::new(sentinels, service, SentinelServerType::Master)?
                        .set_client_to_redis_tcp_settings(tcp_settings())
                        .set_client_to_sentinel_tcp_settings(tcp_settings());
                if let Some(user) = user {
                    builder = builder.set_client_to_redis_username(user);
                }
                if let Some(password) = password {
                    builder = builder.set_client_to_redis_password(password);
                }
                if let Some(user) = sentinel_user {
                    builder = builder.set_client_to_sentinel_username(user);
                }
                if let Some(password) = sentinel_password {
                    builder = builder.set_client_to_sentinel_password(password);
                }
                if address.tls {
                    builder = builder
                        .set_client_to_redis_tls_mode(TlsMode::Secure)
                        .set_client_to_sentinel_tls_mode(TlsMode::Secure);
                }
                if let Some(certificates) = certificates {
                    builder = builder
                        .set_client_to_redis_certificates(certificates.clone())
                        .set_client_to_sentinel_certificates(certificates);
                }
                Ok(Self::Sentinel(Mutex::new(builder.build()?)))
            }
        }
    }

    /// A connection of its own whose answers may take `response_timeout`.
    pub(super) async fn connect(&self, response_timeout: Duration) -> RedisResult<Connection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(response_timeout));
        // Over all: name resolution, the TLS handshake and a silent sentinel have no limit of theirs.
        let connect = async {
            match self {
                Self::Single(client) => client
                    .get_multiplexed_async_connection_with_config(&config)
                    .await
                    .map(Connection::Single),
                Self::Sentinel(client) => client
                    .lock()
                    .await
                    .get_async_connection_with_config(&config)
                    .await
                    .map(Connection::Single),
                Self::Cluster(client) => client
                    .get_async_connection_with_config(
                        ClusterConfig::new()
                            .set_connection_timeout(CONNECT_TIMEOUT)
                            .set_response_timeout(response_timeout),
                    )
                    .await
                    .map(Connection::Cluster),
            }
        };
        tokio::time::timeout(CONNECT_LIMIT, connect).await.unwrap_or_else(|_| Err(timed_out()))
    }
}

/// What a call that took too long fails with.
pub(super) fn timed_out() -> redis::RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}

fn info(addr: ConnectionAddr, login: RedisConnectionInfo) -> anyhow::Result<ConnectionInfo> {
    let info = addr.into_connection_info().map_err(|e| anyhow!("{e}"))?;
    if !info.addr().is_supported() {
        bail!("this build has no support for {}", info.addr());
    }
    Ok(info.set_redis_settings(login).set_tcp_settings(tcp_settings()))
}

/// A connection to one server or to a cluster.
#[derive(Clone)]
pub(super) enum Connection {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Connection {
    /// True when this connection is not to be used again after this error. One to a cluster mends
    /// itself node by node: to throw it away would make all suffer for one.
    pub(super) fn is_spoiled_by(&self, error: &redis::RedisError) -> bool {
        match self {
            Self::Single(_) => super::error::spoils_connection(error),
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
