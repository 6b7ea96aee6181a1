//! The settings of the API. Each is a flag and an `ACD_*` variable.

use std::{net::SocketAddr, time::Duration};

use acd_process::duration::duration;
use acd_store::RedisArgs;

use crate::limits::{self, MIN_BODY_LIMIT};

/// The settings of the API role.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "API")]
pub struct Args {
    /// Address and port of the API (HTTP)
    #[arg(long, env = "ACD_LISTEN", default_value = "0.0.0.0:8000")]
    pub listen: SocketAddr,
    /// Bounds of requests, and the shutdown.
    #[command(flatten)]
    pub limits: Limits,
}

/// Bounds of requests, and the shutdown.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "API")]
pub struct Limits {
    /// Time limit of a request; does not apply to event streams
    #[arg(long, env = "ACD_REQUEST_TIMEOUT", default_value = "5s", value_parser = duration)]
    pub request_timeout: Duration,
    /// Maximum size of a request body in bytes
    #[arg(long, env = "ACD_BODY_LIMIT", default_value_t = limits::BODY_LIMIT)]
    pub body_limit: usize,
    /// Maximum number of concurrent requests; further requests get status 503
    #[arg(long, env = "ACD_MAX_REQUESTS", default_value_t = limits::MAX_REQUESTS)]
    pub max_requests: usize,
    /// Maximum number of open event streams; further streams get status 503
    #[arg(long, env = "ACD_MAX_STREAMS", default_value_t = limits::MAX_STREAMS)]
    pub max_streams: usize,
    /// On shutdown, time during which /readyz reports `draining` and requests are still accepted.
    /// Set it to at least twice the load balancer's check interval plus one second
    #[arg(long, env = "ACD_DRAIN_TIME", default_value = "1500ms", value_parser = duration)]
    pub drain_time: Duration,
    /// Time after the drain time in which running requests may finish
    #[arg(long, env = "ACD_DRAIN_GRACE", default_value = "10s", value_parser = duration)]
    pub drain_grace: Duration,
    /// Adds POST /bench, which reads its body and returns a constant, to measure the cost of HTTP
    #[arg(long, env = "ACD_BENCH_ROUTE", hide = true)]
    pub bench_route: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_timeout: limits::REQUEST_TIMEOUT,
            body_limit: limits::BODY_LIMIT,
            max_requests: limits::MAX_REQUESTS,
            max_streams: limits::MAX_STREAMS,
            drain_time: limits::DRAIN_TIME,
            drain_grace: limits::DRAIN_GRACE,
            bench_route: false,
        }
    }
}

impl Limits {
    /// Like [`Limits::check`], and also against the settings of the store.
    ///
    /// # Errors
    /// A sentence that names the variables.
    pub fn check_with(&self, redis: &RedisArgs) -> Result<(), String> {
        if redis.redis_deadline >= self.request_timeout {
            return Err(format!(
                "ACD_REDIS_DEADLINE ({:?}) is not shorter than ACD_REQUEST_TIMEOUT ({:?}): while \
                 Redis is unreachable, requests would time out without a reason",
                redis.redis_deadline, self.request_timeout
            ));
        }
        self.check()
    }

    /// Refuses settings that contradict each other.
    ///
    /// # Errors
    /// A sentence that names the variables.
    pub fn check(&self) -> Result<(), String> {
        let Self { request_timeout, body_limit, max_requests, drain_grace, .. } = self;
        if request_timeout.is_zero() {
            return Err("ACD_REQUEST_TIMEOUT is zero: no request could be answered".into());
        }
        if drain_grace < request_timeout {
            return Err(format!(
                "ACD_DRAIN_GRACE ({drain_grace:?}) is shorter than ACD_REQUEST_TIMEOUT \
                 ({request_timeout:?}): requests that may still run would be cut off"
            ));
        }
        if *body_limit < MIN_BODY_LIMIT {
            return Err(format!(
                "ACD_BODY_LIMIT is {body_limit} bytes: attributes of 16 KiB are allowed, so it \
                 must be at least {MIN_BODY_LIMIT}"
            ));
        }
        if *max_requests == 0 {
            return Err("ACD_MAX_REQUESTS is 0: no request could be answered".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn the_defaults_are_the_same_by_flag_and_in_code_and_agree() {
        let args = Cli::parse_from(["acd"]).args;
        assert_eq!(args.limits, Limits::default());
        assert_eq!(args.limits.check(), Ok(()));
        assert_eq!(args.listen.to_string(), "0.0.0.0:8000");
    }

    #[test]
    fn refuses_contradictions_with_a_sentence() {
        let second = Duration::from_secs(1);
        let default = Limits::default;
        for (limits, names) in [
            (Limits { drain_grace: second, ..default() }, "ACD_DRAIN_GRACE (1s)"),
            (Limits { request_timeout: Duration::ZERO, ..default() }, "ACD_REQUEST_TIMEOUT"),
            (Limits { body_limit: 1000, ..default() }, "ACD_BODY_LIMIT"),
            (Limits { max_requests: 0, ..default() }, "ACD_MAX_REQUESTS"),
        ] {
            let sentence = limits.check().unwrap_err();
            assert!(sentence.contains(names), "{sentence}");
        }
    }
}
