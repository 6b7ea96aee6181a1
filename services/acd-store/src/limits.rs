//! The time-outs and bounds of a call to Redis, from the innermost to the outermost.
//!
//! Each must end before the one around it, so that a call fails for the reason that is nearest to the
//! fault. The assertions at the end keep that order.

use std::time::Duration;

use acd_process::limits::{Limit, shorter, time};

/// How long a connection may take to one address. Shorter than `SYN_RETRANSMISSION`: where an address
/// moves between machines, the first SYN may well be lost.
pub const CONNECT_TIMEOUT: Duration = Duration::from_millis(400);

/// When Linux sends a lost SYN again.
const SYN_RETRANSMISSION: Duration = Duration::from_secs(1);

/// How long connecting may take in all: asking Sentinels or cluster for the primary, name resolution,
/// TCP, TLS and login.
pub const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// How long one attempt of a call may take. A peer that takes longer is held to be dead.
pub const RESPONSE_TIMEOUT: Duration = Duration::from_millis(750);

/// How long a replica may take to confirm before the Sentinels or the cluster are asked whether the
/// primary may answer without it.
pub const FIRST_WAIT: Duration = Duration::from_millis(100);

/// How long a replica that did not confirm the pipelines before has to confirm one again.
pub const REPEATED_WAIT: Duration = Duration::from_millis(20);

/// How long fewer replicas than there are suffice, after some did not confirm in time.
pub const FEWER_REPLICAS: Duration = Duration::from_secs(1);

/// How long replicas have to confirm a pipeline in all. A healthy one takes less than a millisecond.
pub const WAIT_LIMIT: Duration = Duration::from_millis(500);

/// How long a pipeline may take, with its confirmation.
pub const PIPELINE_LIMIT: Duration = WAIT_LIMIT.saturating_add(RESPONSE_TIMEOUT);

/// How long the Sentinels have to agree on the primary; then the report of the majority is taken.
pub const SENTINEL_AGREEMENT: Duration = CONNECT_TIMEOUT;

/// The time between two questions to all Sentinels, however many calls wait for the answer.
pub const SENTINEL_INTERVAL: Duration = Duration::from_millis(5);

/// How old what is known of the Sentinels and the replicas may be.
pub const SENTINEL_CACHE: Duration = Duration::from_secs(1);

/// How long the other nodes of a cluster have to answer after the first one has.
pub const CLUSTER_GRACE: Duration = Duration::from_millis(50);

/// The pause between two attempts of a pipeline to connect.
pub const RECONNECT_PAUSE: Duration = Duration::from_millis(10);

/// The first and the longest delay before a call is retried.
pub const BACKOFF: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(500));

/// How long TCP waits for an acknowledgement before the connection is closed.
pub const TCP_USER_TIMEOUT: Duration = Duration::from_secs(3);

/// How long an idle connection waits for the first keep-alive probe, and for each of the next.
pub const TCP_KEEPALIVE: Duration = Duration::from_secs(1);

/// How many keep-alive probes may be lost.
pub const TCP_KEEPALIVE_PROBES: u32 = 2;

/// The default of `ACD_REDIS_DEADLINE`: how long a call is retried.
pub const REDIS_DEADLINE: Duration = Duration::from_secs(3);

/// How long a scrape of metrics may ask Redis. Then it answers with what it has.
pub const SCRAPE: Duration = Duration::from_millis(800);

/// How many nodes of a cluster are asked at once: the first may be the one that is lost.
pub const CLUSTER_NODES_ASKED: usize = 3;

/// The most calls of one pipeline.
pub const MAX_PIPELINE: usize = 64;

/// The most unanswered commands of a connection; more wait, within their call's deadline. A proxy of
/// Redis Enterprise takes 200 by default (`max_client_pipeline`) before it stops reading. The difference
/// is for commands whose callers have given up: they are not counted here, and are still unanswered.
pub const MAX_UNANSWERED: usize = 128;

/// How many centers a scrape of metrics shows, besides `main`.
pub const SCRAPED_CENTERS: usize = 100;

const _: () = assert!(shorter(CONNECT_TIMEOUT, SYN_RETRANSMISSION));
const _: () = assert!(shorter(CONNECT_TIMEOUT, CONNECT_LIMIT));
const _: () = assert!(shorter(REPEATED_WAIT, FIRST_WAIT));
const _: () = assert!(shorter(FIRST_WAIT, WAIT_LIMIT));
const _: () = assert!(shorter(WAIT_LIMIT, RESPONSE_TIMEOUT));
const _: () = assert!(shorter(RESPONSE_TIMEOUT, PIPELINE_LIMIT));
const _: () = assert!(shorter(PIPELINE_LIMIT, REDIS_DEADLINE));
const _: () = assert!(shorter(CONNECT_LIMIT, REDIS_DEADLINE));
const _: () = assert!(shorter(CLUSTER_GRACE, CONNECT_TIMEOUT));
const _: () = assert!(shorter(BACKOFF.0, BACKOFF.1) && shorter(BACKOFF.1, REDIS_DEADLINE));
// A call has failed before TCP gives up its connection.
const _: () = assert!(shorter(RESPONSE_TIMEOUT, TCP_USER_TIMEOUT));

/// The sizes and counts, for the reference.
pub fn counts() -> Vec<Limit> {
    vec![
        Limit::new("calls of a pipeline to Redis", MAX_PIPELINE.to_string()),
        Limit::new("unanswered commands of a connection to Redis", MAX_UNANSWERED.to_string()),
        Limit::new("centers that `/metrics` shows, besides `main`", SCRAPED_CENTERS.to_string()),
    ]
}

/// The time-outs from the innermost to the outermost, for the reference.
pub fn times() -> Vec<Limit> {
    let connect = format!(
        "{}; {} with name resolution, TLS and finding the primary",
        time(CONNECT_TIMEOUT),
        time(CONNECT_LIMIT)
    );
    let confirm = format!(
        "{}; after {} the Sentinels or the cluster are asked",
        time(WAIT_LIMIT),
        time(FIRST_WAIT)
    );
    let deadline = format!("{} (`ACD_REDIS_DEADLINE`)", time(REDIS_DEADLINE));
    vec![
        Limit::new("agreement of the Sentinels on the primary", time(SENTINEL_AGREEMENT)),
        Limit::new("connecting to a Redis server", connect),
        Limit::new("confirmation by replicas", confirm),
        Limit::new("one attempt of a call to Redis", time(RESPONSE_TIMEOUT)),
        Limit::new("a pipeline to Redis, with its confirmation", time(PIPELINE_LIMIT)),
        Limit::new(
            "the delay before a call to Redis is retried",
            format!("{} to {}", time(BACKOFF.0), time(BACKOFF.1)),
        ),
        Limit::new("what a scrape of `/metrics` waits for Redis", time(SCRAPE)),
        Limit::new("a call to Redis with its retries", deadline),
        Limit::new("a connection to Redis without acknowledgements", time(TCP_USER_TIMEOUT)),
    ]
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::RedisArgs;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        redis: RedisArgs,
    }

    #[test]
    fn the_default_of_the_flag_is_the_constant() {
        assert_eq!(Cli::parse_from(["acd"]).redis.redis_deadline, REDIS_DEADLINE);
    }
}
