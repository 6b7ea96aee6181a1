//! Opens connections to a server whose address is known: TLS, credentials, TCP options and time-outs.

use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo,
    RedisConnectionInfo, RedisError, RedisResult, TlsCertificates,
    aio::MultiplexedConnection,
    io::tcp::{TcpSettings, socket2::TcpKeepalive},
};

use crate::limits::{
    CONNECT_TIMEOUT, MAX_UNANSWERED, TCP_KEEPALIVE, TCP_KEEPALIVE_PROBES, TCP_USER_TIMEOUT,
};

/// A host name or IP address, and a port.
pub(crate) type Host = (String, u16);

/// Credentials and TLS settings of servers.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) tls: bool,
    pub(crate) login: RedisConnectionInfo,
    pub(crate) certificates: Option<TlsCertificates>,
}

impl Endpoint {
    /// The credentials of a connection.
    pub(crate) fn login(user: Option<&str>, password: Option<&str>) -> RedisConnectionInfo {
        let mut login = RedisConnectionInfo::default();
        if let Some(user) = user {
            login = login.set_username(user);
        }
        if let Some(password) = password {
            login = login.set_password(password);
        }
        login
    }

    /// The connection settings for one host.
    pub(crate) fn to(&self, (host, port): &Host) -> RedisResult<ConnectionInfo> {
        self.through(if self.tls {
            ConnectionAddr::TcpTls {
                host: host.clone(),
                port: *port,
                insecure: false,
                tls_params: None,
            }
        } else {
            ConnectionAddr::Tcp(host.clone(), *port)
        })
    }

    /// The connection settings for an address or a Unix socket.
    pub(crate) fn through(&self, address: ConnectionAddr) -> RedisResult<ConnectionInfo> {
        let info = address.into_connection_info()?;
        Ok(info.set_redis_settings(self.login.clone()).set_tcp_settings(tcp_settings()))
    }

    pub(crate) fn client(&self, info: ConnectionInfo) -> RedisResult<Client> {
        match &self.certificates {
            Some(certificates) => Client::build_with_tls(info, certificates.clone()),
            #[expect(clippy::disallowed_methods, reason = "the one place that may open clients")]
            None => Client::open(info),
        }
    }

    /// Connects to one host. A reply may take `response_timeout`.
    pub(crate) async fn open(
        &self,
        host: &Host,
        response_timeout: Duration,
    ) -> RedisResult<MultiplexedConnection> {
        open(&self.client(self.to(host)?)?, response_timeout).await
    }
}

/// Connects. A reply may take `response_timeout`.
pub(crate) async fn open(
    client: &Client,
    response_timeout: Duration,
) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(response_timeout))
        .set_concurrency_limit(MAX_UNANSWERED);
    client.get_multiplexed_async_connection_with_config(&config).await
}

/// TCP options that detect a dead peer: keep-alive while nothing is sent, and the user time-out while
/// something is. Without them a connection across a network partition hangs for minutes.
pub(crate) fn tcp_settings() -> TcpSettings {
    let keepalive = TcpKeepalive::new()
        .with_time(TCP_KEEPALIVE)
        .with_interval(TCP_KEEPALIVE)
        .with_retries(TCP_KEEPALIVE_PROBES);
    TcpSettings::default()
        .set_nodelay(true)
        .set_keepalive(keepalive)
        .set_user_timeout(TCP_USER_TIMEOUT)
}

/// The error of a call that timed out.
pub(crate) fn timed_out() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}

/// A connection to a server and, with Sentinel, the address under which the sentinels know it.
pub(crate) struct Peer {
    pub(crate) connection: MultiplexedConnection,
    pub(crate) host: Option<Host>,
}
