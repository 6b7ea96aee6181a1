//! Databases and the shards they consist of.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Cluster, Module,
    policy::{Placement, ProxyPolicy},
};
use crate::settings::SHARD_PORTS;

/// Stands for a password that is not shown. The vendor doesn't say what the real product shows.
pub(crate) const MASKED: &str = "********";

/// Hash slots of a database; the first half is that of the first of two shards.
pub(crate) const SLOTS: u16 = 16_384;

/// Where a database is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BdbStatus {
    Pending,
    Active,
    ActiveChangePending,
    DeletePending,
}

/// A database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bdb {
    pub(crate) name: String,
    pub(crate) status: BdbStatus,
    pub(crate) created_time: String,
    pub(crate) port: u16,
    pub(crate) memory_size: u64,
    pub(crate) sharding: bool,
    pub(crate) shards_count: u16,
    pub(crate) shards_placement: Placement,
    pub(crate) shard_key_regex: Vec<Rule>,
    pub(crate) replication: bool,
    pub(crate) data_persistence: String,
    pub(crate) aof_policy: String,
    pub(crate) eviction_policy: String,
    pub(crate) proxy_policy: ProxyPolicy,
    /// None: clients connect without one. Readable, as the REST API shows it.
    pub(crate) password: Option<String>,
    /// What the data access of roles is; kept and shown, and without effect.
    pub(crate) roles_permissions: Vec<RolePermission>,
    /// Commands without a reply that one connection may have.
    pub(crate) max_client_pipeline: u16,
    /// The modules that all of its shards have loaded; none before they run.
    pub(crate) modules: Vec<Module>,
    /// The sentinels may watch its shards: they are there and replicate.
    pub(crate) watched: bool,
}

/// Which data ACL a role has in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RolePermission {
    pub(crate) role_uid: u32,
    pub(crate) redis_acl_uid: u32,
}

/// Which part of a key is hashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) regex: String,
}

/// A Redis server that is one copy of one part of a database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Shard {
    pub(crate) bdb: u32,
    pub(crate) node: u32,
    /// What the sentinels call the copies of this part.
    pub(crate) group: String,
    pub(crate) slots: (u16, u16),
    /// Made as the primary; what it is now, the sentinels know.
    pub(crate) first: bool,
}

/// Where the primary of a group was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
}

impl Shard {
    /// The port of a shard on its node.
    pub(crate) fn port(uid: u32) -> u16 {
        SHARD_PORTS + u16::try_from(uid % 9_999).unwrap_or(0)
    }
}

impl Bdb {
    /// Clients may connect.
    pub(crate) fn serves(&self) -> bool {
        matches!(self.status, BdbStatus::Active | BdbStatus::ActiveChangePending)
    }

    /// Whether a role has a data ACL in it.
    pub(crate) fn names_role(&self, uid: u32) -> bool {
        self.roles_permissions.iter().any(|permission| permission.role_uid == uid)
    }

    /// Servers it consists of.
    pub(crate) fn copies(&self) -> u16 {
        self.shards_count * if self.replication { 2 } else { 1 }
    }

    /// Bytes that one of its servers may use: the limit is for all of them together.
    pub(crate) fn shard_memory(&self) -> u64 {
        self.memory_size / u64::from(self.copies().max(1))
    }
}

impl Cluster {
    /// The shards of a database with their numbers.
    pub(crate) fn shards_of(&self, bdb: u32) -> impl Iterator<Item = (u32, &Shard)> {
        self.shards.iter().filter(move |(_, s)| s.bdb == bdb).map(|(uid, shard)| (*uid, shard))
    }

    /// Where a shard is.
    pub(crate) fn place_of(&self, uid: u32) -> Option<SocketAddr> {
        let node = self.nodes.get(&self.shards.get(&uid)?.node)?;
        Some(SocketAddr::new(node.address, Shard::port(uid)))
    }

    /// The bdb object of the REST API. It has the password, unless the cluster masks it.
    pub(crate) fn show_bdb(&self, uid: u32) -> Option<Value> {
        let bdb = self.bdbs.get(&uid)?;
        let addresses: Vec<_> = self.nodes.values().map(|node| node.address).collect();
        let shards: Vec<_> = self.shards_of(uid).map(|(shard, _)| shard).collect();
        let password = bdb.password.as_deref().unwrap_or_default();
        let is_masked = self.mask_bdb_credentials && !password.is_empty();
        Some(json!({
            "uid": uid,
            "name": bdb.name,
            "type": "redis",
            "status": bdb.status,
            "version": "8.0",
            "redis_version": "8.0",
            "created_time": bdb.created_time,
            "port": bdb.port,
            "memory_size": bdb.memory_size,
            "sharding": bdb.sharding,
            "shards_count": bdb.shards_count,
            "shards_placement": bdb.shards_placement,
            "shard_key_regex": bdb.shard_key_regex,
            "shard_list": shards,
            "hash_slots_policy": "16k",
            "replication": bdb.replication,
            "data_persistence": bdb.data_persistence,
            "aof_policy": bdb.aof_policy,
            "eviction_policy": bdb.eviction_policy,
            "proxy_policy": bdb.proxy_policy,
            "oss_cluster": false,
            "default_user": true,
            "authentication_redis_pass": if is_masked { MASKED } else { password },
            "roles_permissions": bdb.roles_permissions,
            "max_client_pipeline": bdb.max_client_pipeline,
            "mkms": true,
            "module_list": bdb.modules.iter().map(Module::show_loaded).collect::<Vec<_>>(),
            "endpoints": [{
                "uid": format!("{uid}:1"),
                "dns_name": format!("redis-{}.{}", bdb.port, self.name),
                "port": bdb.port,
                "addr": addresses,
                "proxy_policy": bdb.proxy_policy,
                "addr_type": "external",
            }],
        }))
    }
}
