//! How to get into a server whose address is known: in the clear or over TLS, and as whom.

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

/// A name or address, and a port.
pub(crate) type Host = (String, u16);

#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) tls: bool,
    pub(crate) login: RedisConnectionInfo,
    pub(crate) certificates: Option<TlsCertificates>,
}

impl Endpoint {
    /// Who we are to a server.
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

    /// What leads to one host.
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

    pub(crate) fn through(&self, address: ConnectionAddr) -> RedisResult<ConnectionInfo> {
        let info = address.into_connection_info()?;
        Ok(info.set_redis_settings(self.login.clone()).set_tcp_settings(tcp_settings()))
    }

    pub(crate) fn client(&self, info: ConnectionInfo) -> RedisResult<Client> {
        match &self.certificates {
            Some(certificates) => Client::build_with_tls(info, certificates.clone()),
            #[expect(clippy::disallowed_methods, reason = "this is the place for it")]
            None => Client::open(info),
        }
    }

    /// A connection to one host whose answers may take `response_timeout`.
    pub(crate) async fn open(
        &self,
        host: &Host,
        response_timeout: Duration,
    ) -> RedisResult<MultiplexedConnection> {
        open(&self.client(self.to(host)?)?, response_timeout).await
    }
}

/// A connection whose answers may take `response_timeout`.
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

/// What notices a dead peer while nothing is being sent (keep-alive) and while something is
/// (user time-out); without them a connection into a cut network hangs for minutes.
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

/// What a call that took too long fails with.
pub(crate) fn timed_out() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}

/// A connection to a server, and the address by which the sentinels know it, where there are any.
pub(crate) struct Peer {
    pub(crate) connection: MultiplexedConnection,
    pub(crate) host: Option<Host>,
}
