//! `INFO` of a database: sums over its shards, and no word of servers that clients can't see.

use std::fmt::Write;

use bytes::Bytes;

use crate::settings::{PRODUCT, SOFTWARE_VERSION};

const SUMS: [(&str, &[&str]); 3] = [
    ("Clients", &["connected_clients", "blocked_clients"]),
    ("Memory", &["used_memory", "used_memory_rss", "used_memory_peak", "maxmemory"]),
    (
        "Stats",
        &[
            "total_connections_received",
            "total_commands_processed",
            "instantaneous_ops_per_sec",
            "expired_keys",
            "evicted_keys",
            "keyspace_hits",
            "keyspace_misses",
            "pubsub_channels",
            "pubsub_patterns",
        ],
    ),
];

/// One text out of those of the shards.
pub(super) fn merge(replies: &[Bytes]) -> String {
    let texts: Vec<String> =
        replies.iter().map(|reply| String::from_utf8_lossy(reply).into_owned()).collect();
    let field = |text: &str, name: &str| {
        text.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.to_owned()))
    };
    let first = |name: &str| texts.iter().find_map(|text| field(text, name)).unwrap_or_default();
    let mut info = format!(
        "# Server\r\nredis_version:{}\r\nredis_mode:standalone\r\nos:{}\r\narch_bits:64\r\n\
         uptime_in_seconds:{}\r\nserver_software:{PRODUCT} {SOFTWARE_VERSION}\r\n",
        first("redis_version"),
        first("os"),
        first("uptime_in_seconds"),
    );
    for (title, names) in SUMS {
        let _ = write!(info, "\r\n# {title}\r\n");
        for name in names {
            let of = |text: &String| {
                field(text, name).and_then(|value| value.trim().parse::<u64>().ok())
            };
            let sum: u64 = texts.iter().filter_map(of).sum();
            let _ = write!(info, "{name}:{sum}\r\n");
        }
    }
    let _ = write!(
        info,
        "maxmemory_policy:{}\r\n\r\n# Persistence\r\nloading:0\r\naof_enabled:{}\r\n\r\n\
         # Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n# Keyspace\r\n",
        first("maxmemory_policy"),
        first("aof_enabled"),
    );
    let of_keyspace = |name: &str| -> u64 {
        let spaces = texts.iter().filter_map(|text| field(text, "db0"));
        let pairs =
            spaces.flat_map(|space| space.trim().split(',').map(str::to_owned).collect::<Vec<_>>());
        pairs
            .filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse::<u64>().ok())
            .sum()
    };
    let keys = of_keyspace("keys");
    if keys > 0 {
        let _ = write!(info, "db0:keys={keys},expires={},avg_ttl=0\r\n", of_keyspace("expires"));
    }
    info
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up_the_shards() {
        let shard = |keys: u32| {
            Bytes::from(format!(
                "$1\r\n# Server\r\nredis_version:8.0.2\r\nused_memory:10\r\nrole:slave\r\n\
                 db0:keys={keys},expires=1,avg_ttl=0\r\n"
            ))
        };
        let info = merge(&[shard(2), shard(3)]);
        for line in [
            "redis_version:8.0.2",
            "used_memory:20",
            "role:master",
            "db0:keys=5,expires=2,avg_ttl=0",
        ] {
            assert!(info.lines().any(|there| there == line), "{line}: {info}");
        }
    }
}
