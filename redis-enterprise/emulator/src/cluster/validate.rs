//! What a database may be: everything else is refused as the real product refuses it.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::Deserialize;

use super::{
    Cluster, Node, Shard,
    bdb::{Bdb, BdbStatus, RolePermission, Rule, SLOTS},
    license::TRIAL_SHARDS,
    policy::{Placement, ProxyPolicy},
};
use crate::{proxy::Rules, refused::Refused, settings::DATABASE_PORTS};

/// What may be asked for, in a new database or a change of one.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BdbRequest {
    uid: Option<u32>,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    port: Option<u16>,
    memory_size: Option<u64>,
    sharding: Option<bool>,
    shards_count: Option<u16>,
    shards_placement: Option<Placement>,
    shard_key_regex: Option<Vec<Rule>>,
    replication: Option<bool>,
    data_persistence: Option<String>,
    aof_policy: Option<String>,
    eviction_policy: Option<String>,
    proxy_policy: Option<ProxyPolicy>,
    oss_cluster: Option<bool>,
    authentication_redis_pass: Option<String>,
    module_list: Option<Vec<ModuleRequest>>,
    max_client_pipeline: Option<u16>,
    roles_permissions: Option<Vec<RolePermission>>,
}

/// A module that a database asks for. The identifier and the version are deprecated and not looked at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModuleRequest {
    module_name: String,
    #[serde(default)]
    module_args: String,
    #[serde(rename = "module_id")]
    _module_id: Option<String>,
    #[serde(rename = "semantic_version")]
    _semantic_version: Option<String>,
}

/// What `max_client_pipeline` may be, and what it is when it isn't said.
const PIPELINE: std::ops::RangeInclusive<u16> = 1..=2047;
const DEFAULT_PIPELINE: u16 = 200;
/// The data ACLs that every cluster has: full access, not dangerous, read only.
const REDIS_ACLS: std::ops::RangeInclusive<u32> = 1..=3;
/// Percent of a node's memory that the limits of its shards may add up to.
const PROVISIONED_PERCENT: u64 = 88;

const EVICTION: [&str; 8] = [
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
];

/// Adds a database with its shards on the nodes that are `active`; returns its number.
pub(crate) fn new_bdb(
    cluster: &mut Cluster,
    request: &BdbRequest,
    active: &[u32],
) -> Result<u32, Refused> {
    let name = request.name.clone();
    let name = name.ok_or_else(|| refuse("missing_db_name", "DB name is a required property"))?;
    let no_size = || refuse("missing_memory_size", "Memory Size is a required property");
    let memory_size = request.memory_size.ok_or_else(no_size)?;
    let policy = cluster.policy.clone();
    let sharding = request.sharding.unwrap_or(false);
    let uid = request.uid.unwrap_or_else(|| cluster.bdbs.keys().max().map_or(1, |last| last + 1));
    if uid == 0 {
        return Err(Refused::invalid_schema("uid begins at 1"));
    }
    if cluster.bdbs.contains_key(&uid) {
        let sentence = format!("there is a database with uid {uid}");
        return Err(Refused::new(StatusCode::CONFLICT, "uid_exists", sentence));
    }
    let free = |port: &u16| cluster.bdbs.values().all(|other| other.port != *port);
    let port = match request.port {
        Some(port) if DATABASE_PORTS.contains(&port) && free(&port) => port,
        Some(port) => {
            let sentence = format!("port {port} is reserved or in use");
            return Err(refuse("port_unavailable", &sentence));
        }
        None => {
            let none = || refuse("port_unavailable", "no port is left");
            DATABASE_PORTS.into_iter().find(free).ok_or_else(none)?
        }
    };
    let by_default = if sharding {
        policy.default_sharded_proxy_policy
    } else {
        policy.default_non_sharded_proxy_policy
    };
    let bdb = Bdb {
        name,
        status: BdbStatus::Pending,
        created_time: super::now(),
        port,
        memory_size,
        sharding,
        shards_count: request.shards_count.unwrap_or(1),
        shards_placement: request.shards_placement.unwrap_or(policy.default_shards_placement),
        shard_key_regex: request.shard_key_regex.clone().unwrap_or_default(),
        replication: request.replication.unwrap_or(false),
        data_persistence: request.data_persistence.clone().unwrap_or_else(|| "disabled".into()),
        aof_policy: request.aof_policy.clone().unwrap_or_else(|| "appendfsync-every-sec".into()),
        eviction_policy: request.eviction_policy.clone().unwrap_or_else(|| "volatile-lru".into()),
        proxy_policy: request.proxy_policy.unwrap_or(by_default),
        password: password(request.authentication_redis_pass.as_deref()),
        roles_permissions: request.roles_permissions.clone().unwrap_or_default(),
        max_client_pipeline: request.max_client_pipeline.unwrap_or(DEFAULT_PIPELINE),
        modules: Vec::new(),
        watched: false,
    };
    let others = cluster.bdbs.values();
    check(cluster, &bdb, request, others, active)?;
    place(cluster, uid, &bdb, active);
    cluster.bdbs.insert(uid, bdb);
    check_memory(cluster)?;
    Ok(uid)
}

/// Changes what can be changed while a database serves.
pub(crate) fn change_bdb(
    cluster: &mut Cluster,
    uid: u32,
    request: &BdbRequest,
    active: &[u32],
) -> Result<(), Refused> {
    let mut bdb = cluster.bdbs.get(&uid).cloned().ok_or_else(|| no_such_bdb(uid))?;
    if bdb.status != BdbStatus::Active {
        let sentence = "another change of this database is under way";
        return Err(Refused::new(StatusCode::CONFLICT, "busy", sentence));
    }
    let fixed = request.uid.is_some_and(|other| other != uid)
        || request.port.is_some_and(|port| port != bdb.port)
        || request.sharding.is_some_and(|sharding| sharding != bdb.sharding)
        || request.shards_count.is_some_and(|count| count != bdb.shards_count)
        || request.replication.is_some_and(|replication| replication != bdb.replication)
        || request.shard_key_regex.as_ref().is_some_and(|rules| *rules != bdb.shard_key_regex)
        || request.data_persistence.as_ref().is_some_and(|kept| *kept != bdb.data_persistence);
    if fixed {
        let sentence = "the emulator changes name, memory_size, policies and password of a \
                        database, and nothing else of it";
        return Err(refuse("invalid_sharding", sentence));
    }
    bdb.name = request.name.clone().unwrap_or(bdb.name);
    bdb.memory_size = request.memory_size.unwrap_or(bdb.memory_size);
    bdb.aof_policy = request.aof_policy.clone().unwrap_or(bdb.aof_policy);
    bdb.eviction_policy = request.eviction_policy.clone().unwrap_or(bdb.eviction_policy);
    bdb.proxy_policy = request.proxy_policy.unwrap_or(bdb.proxy_policy);
    if let Some(given) = &request.authentication_redis_pass {
        bdb.password = password(Some(given));
    }
    if let Some(given) = &request.roles_permissions {
        bdb.roles_permissions.clone_from(given);
    }
    bdb.max_client_pipeline = request.max_client_pipeline.unwrap_or(bdb.max_client_pipeline);
    let others = cluster.bdbs.iter().filter(|(other, _)| **other != uid).map(|(_, bdb)| bdb);
    check(cluster, &bdb, request, others, active)?;
    bdb.status = BdbStatus::ActiveChangePending;
    cluster.bdbs.insert(uid, bdb);
    check_memory(cluster)
}

/// The refusal for a database that is not there.
pub(crate) fn no_such_bdb(uid: u32) -> Refused {
    Refused::not_found("db_not_found", format!("there is no database {uid}"))
}

fn refuse(code: &'static str, sentence: &str) -> Refused {
    Refused::not_acceptable(code, sentence)
}

fn password(given: Option<&str>) -> Option<String> {
    given.filter(|given| !given.is_empty()).map(str::to_owned)
}

fn check<'a>(
    cluster: &Cluster,
    bdb: &Bdb,
    request: &BdbRequest,
    others: impl Iterator<Item = &'a Bdb>,
    active: &[u32],
) -> Result<(), Refused> {
    let named = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let edges = bdb.name.starts_with('-') || bdb.name.ends_with('-');
    if bdb.name.is_empty() || edges || !bdb.name.chars().all(named) {
        let sentence = "a name has letters, numbers and hyphens, and no hyphen at its ends";
        return Err(Refused::invalid_schema(sentence));
    }
    if request.kind.as_deref().is_some_and(|kind| kind != "redis") {
        return Err(Refused::invalid_schema("the emulator has databases of type redis only"));
    }
    if cluster.license.expired() {
        let sentence = "the cluster's license has expired";
        return Err(Refused::new(StatusCode::FORBIDDEN, "license_expired", sentence));
    }
    for module in request.module_list.iter().flatten() {
        if !cluster.modules.iter().any(|there| there.name == module.module_name) {
            let sentence = format!("the cluster does not have the module {}", module.module_name);
            return Err(refuse("missing_module", &sentence));
        }
        if !module.module_args.is_empty() {
            return Err(Refused::invalid_schema("the emulator loads modules without arguments"));
        }
    }
    for permission in &bdb.roles_permissions {
        let known = cluster.roles.contains_key(&permission.role_uid);
        if !known || !REDIS_ACLS.contains(&permission.redis_acl_uid) {
            let sentence = "roles_permissions names a role or an ACL that does not exist";
            return Err(Refused::invalid_schema(sentence));
        }
    }
    if !PIPELINE.contains(&bdb.max_client_pipeline) {
        return Err(Refused::invalid_schema("max_client_pipeline is between 1 and 2047"));
    }
    if request.oss_cluster == Some(true) {
        let sentence = "the emulator does not have the OSS cluster API";
        return Err(refuse("invalid_oss_cluster_configuration", sentence));
    }
    if !["disabled", "aof"].contains(&bdb.data_persistence.as_str()) {
        let sentence = "the emulator has data_persistence disabled or aof";
        return Err(refuse("invalid_data_persistence", sentence));
    }
    if !["appendfsync-every-sec", "appendfsync-always"].contains(&bdb.aof_policy.as_str()) {
        return Err(refuse("invalid_data_persistence", "there is no such aof_policy"));
    }
    if !EVICTION.contains(&bdb.eviction_policy.as_str()) {
        return Err(Refused::invalid_schema("there is no such eviction_policy"));
    }
    if !(1..=512).contains(&bdb.shards_count) || (bdb.shards_count > 1 && !bdb.sharding) {
        return Err(refuse("invalid_sharding", "more than one shard needs sharding"));
    }
    if bdb.sharding && Rules::new(&bdb.shard_key_regex).is_err() {
        let sentence = "sharding needs shard_key_regex, each with a group named tag";
        return Err(refuse("invalid_sharding", sentence));
    }
    if bdb.replication && active.len() < 2 {
        return Err(refuse("invalid_replication", "not enough nodes to perform replication"));
    }
    let shards = others.fold(bdb.copies(), |shards, other| shards + other.copies());
    if usize::from(shards) > TRIAL_SHARDS {
        return Err(no_room());
    }
    Ok(())
}

/// Refuses when the limits of the shards of a node are more than it may give to databases.
fn check_memory(cluster: &Cluster) -> Result<(), Refused> {
    let is_full = |(uid, node): (&u32, &Node)| cluster.allotted(*uid) > node.provisional_memory();
    if cluster.nodes.iter().any(is_full) { Err(no_room()) } else { Ok(()) }
}

/// The real product says the same for too little memory and for too many shards.
fn no_room() -> Refused {
    refuse("insufficient_resources", "Cannot allocate nodes for shards")
}

impl Node {
    /// Bytes that the shards of the node may use in all.
    pub(crate) fn provisional_memory(&self) -> u64 {
        self.memory / 100 * PROVISIONED_PERCENT
    }
}

impl Cluster {
    /// Bytes that the shards of a node may use by the limits of their databases.
    pub(crate) fn allotted(&self, node: u32) -> u64 {
        let shards = self.shards.values().filter(|shard| shard.node == node);
        shards.filter_map(|shard| self.bdbs.get(&shard.bdb)).map(Bdb::shard_memory).sum()
    }
}

/// Decides where the shards are to be: a replica never beside its primary.
fn place(cluster: &mut Cluster, uid: u32, bdb: &Bdb, active: &[u32]) {
    let mut load: BTreeMap<u32, usize> = active.iter().map(|node| (*node, 0)).collect();
    for shard in cluster.shards.values() {
        load.entry(shard.node).and_modify(|count| *count += 1);
    }
    let mut nodes: Vec<u32> = load.keys().copied().collect();
    nodes.sort_by_key(|node| load[node]);
    let count = usize::from(bdb.shards_count);
    for part in 0..count {
        let from = slot(part, count);
        let slots = (from, slot(part + 1, count) - 1);
        let at = if bdb.shards_placement == Placement::Sparse { part } else { 0 };
        for copy in 0..if bdb.replication { 2 } else { 1 } {
            let Some(node) = nodes.get((at + copy) % nodes.len().max(1)) else { return };
            cluster.last_shard += 1;
            let group = format!("db-{uid}-{}", part + 1);
            let shard = Shard { bdb: uid, node: *node, group, slots, first: copy == 0 };
            cluster.shards.insert(cluster.last_shard, shard);
        }
    }
}

/// The first slot of a part.
fn slot(part: usize, parts: usize) -> u16 {
    u16::try_from(usize::from(SLOTS) * part / parts).unwrap_or(SLOTS)
}

#[cfg(test)]
#[path = "validate_tests.rs"]
mod tests;
