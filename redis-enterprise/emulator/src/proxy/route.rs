//! Where a command goes. Multi-key commands stay within one slot, except the six that the
//! vendor's proxy spreads (DEL, UNLINK, EXISTS, TOUCH, MGET, MSET).

use super::{commands::keys, merge::Merge, slots::Rules};
use crate::resp::Command;

/// What to do with a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// The proxy answers itself, from what it knows of the connection.
    Local,
    /// To the shard of its keys.
    Shard { shard: usize, slot: u16 },
    /// To any one shard.
    Any,
    /// To all shards.
    All(Merge),
    /// To several shards, each with its part.
    Spread(Vec<(usize, Command)>, Merge),
    /// To a shard that then talks to the client alone: publish and subscribe.
    Tunnel(usize),
    /// Nowhere.
    Refuse(String),
}

pub(super) const CROSSSLOT: &str = "CROSSSLOT Keys in request don't hash to the same slot";

const LOCAL: [&str; 13] = [
    "AUTH", "HELLO", "QUIT", "PING", "ECHO", "SELECT", "CLIENT", "MULTI", "EXEC", "DISCARD",
    "WATCH", "UNWATCH", "ACL",
];

/// Commands that the vendor's proxy does not let through.
const BLOCKED: [&str; 27] = [
    "ASKING",
    "BGREWRITEAOF",
    "BGSAVE",
    "CLUSTER",
    "DEBUG",
    "FAILOVER",
    "LASTSAVE",
    "MIGRATE",
    "MOVE",
    "PSYNC",
    "PFDEBUG",
    "PFSELFTEST",
    "READONLY",
    "READWRITE",
    "REPLCONF",
    "REPLICAOF",
    "RESET",
    "RESTORE-ASKING",
    "ROLE",
    "SAVE",
    "SHUTDOWN",
    "SLAVEOF",
    "SWAPDB",
    "SYNC",
    "SENTINEL",
    "MONITOR",
    "HOTKEYS",
];

/// What `CONFIG GET` and `CONFIG SET` may name.
const SETTINGS: [&str; 20] = [
    "activerehashing",
    "busy-reply-threshold",
    "hash-max-listpack-entries",
    "hash-max-listpack-value",
    "hash-max-ziplist-entries",
    "hash-max-ziplist-value",
    "hll-sparse-max-bytes",
    "list-compress-depth",
    "list-max-listpack-size",
    "list-max-ziplist-size",
    "lua-time-limit",
    "notify-keyspace-events",
    "set-max-intset-entries",
    "slowlog-log-slower-than",
    "slowlog-max-len",
    "stream-node-max-bytes",
    "stream-node-max-entries",
    "zset-max-listpack-entries",
    "zset-max-listpack-value",
    "zset-max-ziplist-entries",
];

/// The shards of a database, and which keys they have.
#[derive(Debug)]
pub(super) struct Router {
    /// None: the database has one shard for all keys.
    pub(super) rules: Option<Rules>,
    /// The last slot of each shard, in order.
    pub(super) last_slots: Vec<u16>,
}

impl Router {
    /// What to do with `command`.
    pub(super) fn plan(&self, command: &Command) -> Plan {
        let name = command.word(0);
        let refuse = |text: &str| Plan::Refuse(format!("ERR {text}"));
        if LOCAL.contains(&name.as_str()) {
            return Plan::Local;
        }
        if BLOCKED.contains(&name.as_str()) {
            return refuse(&format!("{name} is not allowed on this database"));
        }
        if let Some(keys) = keys(command, &name) {
            return self.by_keys(command, &name, &keys);
        }
        let second = command.word(1);
        match (name.as_str(), second.as_str()) {
            ("DBSIZE", _) => Plan::All(Merge::Sum),
            ("FLUSHDB" | "FLUSHALL", _) => Plan::All(Merge::First),
            ("KEYS", _) => Plan::All(Merge::Concat),
            ("SCAN", _) => self.scan(command),
            ("INFO", _) => Plan::All(Merge::Info),
            ("WAIT", _) => Plan::All(Merge::Least),
            ("WAITAOF", _) | ("SCRIPT", "EXISTS") => Plan::All(Merge::LeastOfEach),
            ("SCRIPT", "LOAD" | "FLUSH" | "KILL")
            | ("FUNCTION", "LOAD" | "DELETE" | "FLUSH" | "RESTORE" | "KILL") => {
                Plan::All(Merge::First)
            }
            ("FUNCTION", "LIST" | "STATS" | "DUMP" | "HELP")
            | ("SLOWLOG", "GET" | "LEN" | "RESET" | "HELP")
            | ("MODULE", "LIST")
            | ("LATENCY", "HISTOGRAM")
            | ("TIME" | "LOLWUT" | "COMMAND" | "RANDOMKEY" | "PUBLISH" | "PUBSUB", _) => Plan::Any,
            ("SUBSCRIBE" | "PSUBSCRIBE" | "UNSUBSCRIBE" | "PUNSUBSCRIBE", _) => Plan::Tunnel(0),
            ("CONFIG", "GET" | "SET") => {
                let setting = command.word(2).to_ascii_lowercase();
                if !SETTINGS.contains(&setting.as_str()) {
                    return refuse(&format!("Unsupported CONFIG parameter: {setting}"));
                }
                if second == "SET" { Plan::All(Merge::First) } else { Plan::Any }
            }
            ("SCRIPT" | "FUNCTION" | "SLOWLOG" | "MODULE" | "LATENCY" | "CONFIG", _) => {
                refuse(&format!("{name} {second} is not allowed on this database"))
            }
            _ => refuse(&format!("unknown command '{}'", name.to_ascii_lowercase())),
        }
    }

    fn by_keys(&self, command: &Command, name: &str, keys: &[usize]) -> Plan {
        if keys.is_empty() {
            // A script without keys, or too few arguments, which any shard will say.
            return Plan::Any;
        }
        if name == "MEMORY" && command.word(1) != "USAGE" {
            return Plan::Refuse(format!(
                "ERR MEMORY {} is not allowed on this database",
                command.word(1)
            ));
        }
        let slots: Option<Vec<u16>> = keys.iter().map(|at| self.slot(&command.args[*at])).collect();
        let Some(slots) = slots else {
            return Plan::Refuse("ERR key matches none of the database's shard_key_regex".into());
        };
        let slot = slots[0];
        if slots.iter().any(|other| *other != slot) {
            return match name {
                "DEL" | "UNLINK" | "EXISTS" | "TOUCH" | "MGET" => {
                    self.spread(command, keys, &slots, 1)
                }
                "MSET" if command.args.len() % 2 == 1 => self.spread(command, keys, &slots, 2),
                _ => Plan::Refuse(CROSSSLOT.into()),
            };
        }
        let shard = self.shard(slot);
        if name == "SSUBSCRIBE" { Plan::Tunnel(shard) } else { Plan::Shard { shard, slot } }
    }

    /// Divides a command among the shards; each key takes `width` arguments.
    fn spread(&self, command: &Command, keys: &[usize], slots: &[u16], width: usize) -> Plan {
        let mut parts: Vec<(usize, Vec<usize>)> = Vec::new();
        for (index, slot) in slots.iter().enumerate() {
            let shard = self.shard(*slot);
            match parts.iter_mut().find(|(there, _)| *there == shard) {
                Some((_, indices)) => indices.push(index),
                None => parts.push((shard, vec![index])),
            }
        }
        let merge = match command.word(0).as_str() {
            "MGET" => Merge::Gather(parts.iter().map(|(_, indices)| indices.clone()).collect()),
            "MSET" => Merge::First,
            _ => Merge::Sum,
        };
        let part = |indices: Vec<usize>| {
            let mut args = vec![command.args[0].clone()];
            for index in indices {
                args.extend_from_slice(&command.args[keys[index]..keys[index] + width]);
            }
            Command::new(&args)
        };
        Plan::Spread(
            parts.into_iter().map(|(shard, indices)| (shard, part(indices))).collect(),
            merge,
        )
    }

    /// The cursor of a client says how far which shard has got: `theirs × shards + shard`.
    fn scan(&self, command: &Command) -> Plan {
        let shards = self.last_slots.len() as u64;
        let Ok(cursor) = command.word(1).parse::<u64>() else {
            return Plan::Refuse("ERR invalid cursor".into());
        };
        let shard = usize::try_from(cursor % shards).unwrap_or(0);
        let mut args = command.args.clone();
        args[1] = (cursor / shards).to_string().into();
        let merge = Merge::Scan { shard, shards: self.last_slots.len() };
        Plan::Spread(vec![(shard, Command::new(&args))], merge)
    }

    /// The slot of a key; none when the database's rules don't say.
    pub(super) fn slot(&self, key: &[u8]) -> Option<u16> {
        match &self.rules {
            Some(rules) => rules.slot(key),
            None => Some(0),
        }
    }

    /// The shard that has a slot.
    pub(super) fn shard(&self, slot: u16) -> usize {
        self.last_slots.iter().position(|last| slot <= *last).unwrap_or(0)
    }
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
