//! Parses Redis URLs.

use std::str::FromStr;

use anyhow::{Context, anyhow, bail, ensure};
use percent_encoding::percent_decode_str;

use crate::redis::endpoint::Host;

/// The kind of deployment that a URL names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One server, over TCP.
    Single,
    /// One server, over the Unix socket at this path.
    Unix(String),
    /// The primary of the Sentinel group `service`. `through` is the address of a load balancer in front
    /// of the primary, if there is one; user and password are for the sentinels.
    Sentinel {
        service: String,
        through: Option<Host>,
        user: Option<String>,
        password: Option<String>,
    },
    /// A cluster, discovered through any of the hosts.
    Cluster,
}

/// A parsed Redis URL.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) kind: Kind,
    pub(crate) tls: bool,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) hosts: Vec<Host>,
}

/// The accepted forms of a URL, for messages and help.
pub(crate) const FORMS: &str = "redis://[user:password@]host[:port], rediss://… (TLS), \
    redis+unix:///path, \
    redis+sentinel://host[:port],host…/service[?sentinel_password=…&through=host[:port]], \
    redis+cluster://host[:port],host… (rediss+sentinel, rediss+cluster: with TLS)";

impl FromStr for Address {
    type Err = anyhow::Error;

    fn from_str(url: &str) -> anyhow::Result<Self> {
        let (scheme, rest) = url.split_once("://").with_context(|| format!("expected {FORMS}"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (secure, plain) = (scheme.starts_with("rediss"), scheme.replacen("rediss", "redis", 1));
        let query = query_pairs(query)?;
        let take = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        // No message quotes a part of the URL: it may belong to a password that was not
        // percent-encoded.
        let known = |names: &[&str]| {
            let unknown = query.iter().any(|(name, _)| !names.contains(&name.as_str()));
            if unknown { Err(anyhow!("unknown parameter, expected {FORMS}")) } else { Ok(()) }
        };
        let (kind, default_port) = match plain.as_str() {
            "redis" => {
                known(&[])?;
                ensure!(
                    path.is_empty() || path == "0",
                    "only database 0 is supported; write a / in a password as %2F"
                );
                (Kind::Single, 6379)
            }
            "redis+unix" => {
                known(&[])?;
                ensure!(
                    !secure && authority.is_empty(),
                    "write the URL of a Unix socket as redis+unix:///path"
                );
                (Kind::Unix(format!("/{}", decode(path)?)), 0)
            }
            "redis+cluster" => {
                known(&[])?;
                ensure!(path.is_empty(), "the URL of a cluster has no database number");
                (Kind::Cluster, 6379)
            }
            "redis+sentinel" => {
                known(&["sentinel_user", "sentinel_password", "through"])?;
                ensure!(
                    !path.is_empty() && !path.contains('/'),
                    "the service name is missing: redis+sentinel://host:26379/mymaster"
                );
                let (user, password) = (take("sentinel_user"), take("sentinel_password"));
                let through = take("through").map(|host| host_and_port(&host, 6379)).transpose()?;
                (Kind::Sentinel { service: decode(path)?, through, user, password }, 26379)
            }
            _ => bail!("unknown scheme, expected {FORMS}"),
        };
        let hosts = match kind {
            Kind::Unix(_) => Vec::new(),
            _ => hosts
                .split(',')
                .map(|host| host_and_port(host, default_port))
                .collect::<Result<Vec<_>, _>>()?,
        };
        ensure!(
            kind != Kind::Single || hosts.len() == 1,
            "redis:// takes one host; use redis+sentinel or redis+cluster for several"
        );
        let some = |text: &str| {
            if text.is_empty() { Ok(None) } else { decode(text).map(Some) }
        };
        Ok(Self { kind, tls: secure, user: some(user)?, password: some(password)?, hosts })
    }
}

fn decode(text: &str) -> anyhow::Result<String> {
    Ok(percent_decode_str(text).decode_utf8().context("the Redis URL is not UTF-8")?.into_owned())
}

fn query_pairs(query: &str) -> anyhow::Result<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

fn host_and_port(text: &str, default_port: u16) -> anyhow::Result<Host> {
    let (host, port) = match text.strip_prefix('[').and_then(|t| t.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => {
            (host, Some(rest.strip_prefix(':').context("expected [address]:port")?))
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    ensure!(!host.is_empty(), "a Redis URL needs a host");
    let port = match port {
        Some(port) => {
            let number = port.parse().ok().filter(|port| *port > 0);
            number.context("the port must be a number from 1 to 65535")?
        }
        None => default_port,
    };
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Address {
        url.parse().unwrap()
    }

    #[test]
    fn reads_every_form() {
        let a = parse("redis://app:p%40ss@h:7000");
        assert_eq!((a.kind, a.tls), (Kind::Single, false));
        assert_eq!((a.user.as_deref(), a.password.as_deref()), (Some("app"), Some("p@ss")));
        assert_eq!(a.hosts, [("h".to_owned(), 7000)]);
        assert_eq!(parse("redis://:x@h/0").user, None);
        assert!(parse("rediss://[::1]:1").tls);
        assert_eq!(parse("rediss://[::1]:1").hosts, [("::1".to_owned(), 1)]);
        assert_eq!(parse("redis+unix:///run/r.sock").kind, Kind::Unix("/run/r.sock".into()));
        assert_eq!(
            parse("redis+cluster://a,b:2").hosts,
            [("a".to_owned(), 6379), ("b".to_owned(), 2)]
        );
        let s = parse("rediss+sentinel://:x@a,b/mymaster?sentinel_password=y&through=vip");
        assert_eq!(s.hosts[1], ("b".to_owned(), 26379));
        let service = Kind::Sentinel {
            service: "mymaster".into(),
            through: Some(("vip".to_owned(), 6379)),
            user: None,
            password: Some("y".into()),
        };
        assert_eq!((s.kind, s.tls, s.password.as_deref()), (service, true, Some("x")));
    }

    #[test]
    fn refuses_what_it_would_have_to_guess() {
        for url in [
            "",
            "h:6379",
            "http://h",
            "redis://",
            "redis://h/1",
            "redis://a,b",
            "redis://h:0",
            "redis://h:x",
            "redis+sentinel://h",
            "redis+sentinel://h/s?through=",
            "redis+sentinel://h/s?through=h:x",
            "redis+cluster://h/1",
            "redis+unix://h/x",
            "redis://h?db=1",
        ] {
            assert!(url.parse::<Address>().is_err(), "{url}");
        }
    }
}
