//! The settings of the connection to Redis.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use acd_process::duration::duration;
use anyhow::Context;
use clap::Args;

use crate::{
    call::agreement::DocumentsChoice, link::durability::DurabilityChoice,
    redis::target::Credentials,
};

/// A text that is not shown in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// The connection to Redis, and how it is used.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Redis")]
pub struct RedisArgs {
    /// URL of Redis: `redis://[user:password@]host[:port]`, `redis+unix:///path`,
    /// `redis+sentinel://host[:port],host…/service[?sentinel_password=…&through=host[:port]]`
    /// (`through` is a load balancer in front of the primary), or
    /// `redis+cluster://host[:port],host…`. With `rediss` instead of `redis` the connection uses TLS
    #[arg(
        long,
        env = "ACD_REDIS_URL",
        default_value = "redis://127.0.0.1:6379",
        hide_env_values = true
    )]
    pub redis_url: Secret,
    /// User name; overrides the URL
    #[arg(long, env = "ACD_REDIS_USER")]
    pub redis_user: Option<String>,
    /// Password; overrides the URL
    #[arg(
        long,
        env = "ACD_REDIS_PASSWORD",
        hide_env_values = true,
        conflicts_with = "redis_password_file"
    )]
    pub redis_password: Option<Secret>,
    /// File whose first line is the password
    #[arg(long, env = "ACD_REDIS_PASSWORD_FILE")]
    pub redis_password_file: Option<PathBuf>,
    /// PEM file with the CA certificates to trust for TLS, instead of the public ones
    #[arg(long, env = "ACD_REDIS_CA_FILE")]
    pub redis_ca_file: Option<PathBuf>,
    /// How long a call is retried while Redis is unreachable, such as `3s`; then it fails with
    /// status 503. If it is longer than a failover, clients see a delay instead of an error
    #[arg(long, env = "ACD_REDIS_DEADLINE", default_value = "3s", value_parser = duration)]
    pub redis_deadline: Duration,
    /// Number of partitions of the centers; fixed when the database is first used. More partitions
    /// distribute centers over more shards. Each partition costs one connection per dispatcher
    #[arg(long, env = "ACD_PARTITIONS", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub partitions: u16,
    /// Storage format of contacts and agents; fixed when the database is first used
    #[arg(long, env = "ACD_DOCUMENTS", default_value = "auto", value_enum)]
    pub documents: DocumentsChoice,
    /// When a change is acknowledged
    #[arg(long, env = "ACD_DURABILITY", default_value = "auto", value_enum)]
    pub durability: DurabilityChoice,
}

impl RedisArgs {
    /// The defaults, for the Redis at `url`.
    pub fn at(url: &str) -> Self {
        Self {
            redis_url: Secret(url.to_owned()),
            redis_user: None,
            redis_password: None,
            redis_password_file: None,
            redis_ca_file: None,
            redis_deadline: Duration::from_secs(3),
            partitions: 8,
            documents: DocumentsChoice::Auto,
            durability: DurabilityChoice::Auto,
        }
    }

    /// Reads the files that hold what must not stand in the environment.
    pub(crate) fn credentials(&self) -> anyhow::Result<Credentials> {
        let read = |path: &PathBuf| {
            std::fs::read(path).with_context(|| format!("can't read {}", path.display()))
        };
        let password = match &self.redis_password_file {
            Some(path) => {
                let text = String::from_utf8(read(path)?)
                    .context("ACD_REDIS_PASSWORD_FILE is not UTF-8")?;
                Some(text.lines().next().unwrap_or_default().to_owned())
            }
            None => self.redis_password.as_ref().map(|secret| secret.expose().to_owned()),
        };
        Ok(Credentials {
            user: self.redis_user.clone(),
            password,
            ca_pem: self.redis_ca_file.as_ref().map(read).transpose()?,
        })
    }
}
