//! The configuration of the cluster: one document, kept in the configuration store.

mod bdb;
mod license;
mod module;
mod policy;
mod role;
mod user;
mod validate;

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Serialize};

pub(crate) use bdb::{Bdb, BdbStatus, Group, MASKED, Rule, SLOTS, Shard};
pub(crate) use license::License;
pub(crate) use module::Module;
pub(crate) use policy::{Policy, ProxyPolicy};
pub(crate) use role::{Management, Permission, Role};
pub(crate) use user::User;
pub(crate) use validate::{BdbRequest, change_bdb, new_bdb, no_such_bdb};

/// Everything that the nodes agree on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Cluster {
    /// Counts changes: one who changes it names the version that it saw.
    pub(crate) version: u64,
    pub(crate) name: String,
    pub(crate) created_time: String,
    pub(crate) handle_redirects: bool,
    /// Whether answers about databases hide their passwords.
    pub(crate) mask_bdb_credentials: bool,
    pub(crate) policy: Policy,
    pub(crate) license: License,
    pub(crate) nodes: BTreeMap<u32, Node>,
    pub(crate) roles: BTreeMap<u32, Role>,
    pub(crate) users: BTreeMap<u32, User>,
    /// The modules that a database may ask for.
    pub(crate) modules: Vec<Module>,
    pub(crate) bdbs: BTreeMap<u32, Bdb>,
    pub(crate) shards: BTreeMap<u32, Shard>,
    /// The number of the last shard that was made: none is given twice.
    pub(crate) last_shard: u32,
}

/// A node as the others know it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) address: IpAddr,
    pub(crate) hostname: String,
    pub(crate) cores: usize,
    pub(crate) memory: u64,
    /// False while it joins.
    pub(crate) joined: bool,
    /// RFC 3339.
    pub(crate) since: String,
}

impl Node {
    /// This machine.
    pub(crate) fn here(settings: &crate::settings::Settings, address: IpAddr) -> Self {
        let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self {
            address,
            hostname: hostname.trim().to_owned(),
            cores: std::thread::available_parallelism().map_or(1, Into::into),
            memory: settings.memory(),
            joined: false,
            since: now(),
        }
    }
}

/// The present instant as the REST API writes it.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Cluster {
    /// A cluster of one node with its administrator.
    pub(crate) fn new(name: &str, node: Node, admin: User, trial_days: u32) -> Self {
        Self {
            version: 1,
            name: name.to_owned(),
            created_time: now(),
            license: License::trial(name, trial_days),
            nodes: [(1, Node { joined: true, ..node })].into(),
            roles: [(Role::ADMIN, Role::admin())].into(),
            users: [(1, admin)].into(),
            ..Self::default()
        }
    }

    /// The user with this e-mail address and password.
    pub(crate) fn log_in(&self, email: &str, password: &str) -> Option<u32> {
        let is_right = |user: &User| user.email == email && user.password.is(password);
        self.users.iter().find(|(_, user)| is_right(user)).map(|(uid, _)| *uid)
    }

    /// What the sentinels have to watch for databases, and where its primary was made.
    pub(crate) fn groups(&self) -> BTreeMap<String, Group> {
        let mut groups = BTreeMap::new();
        for (uid, shard) in &self.shards {
            let watched = self.bdbs.get(&shard.bdb).is_some_and(|bdb| bdb.watched);
            let Some(node) = self.nodes.get(&shard.node).filter(|_| watched && shard.first) else {
                continue;
            };
            let group = Group { address: node.address, port: Shard::port(*uid) };
            groups.insert(shard.group.clone(), group);
        }
        groups
    }

    /// How many sentinels have to agree.
    pub(crate) fn quorum(&self) -> usize {
        self.nodes.values().filter(|node| node.joined).count() / 2 + 1
    }
}
