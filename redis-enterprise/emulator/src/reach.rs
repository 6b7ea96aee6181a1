//! Whether the primary of every shard answers this node. The sentinels need a second to find out that a
//! primary is lost; clients of the endpoint, and the availability of the database, see it at once.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use crate::{cluster::Cluster, view::View};

/// The primaries that answered when last asked, by group.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    answered: Mutex<HashMap<String, SocketAddr>>,
}

impl Reach {
    /// Notes which primaries answered.
    pub(crate) fn set(&self, answered: HashMap<String, SocketAddr>) {
        *self.answered.lock().unwrap_or_else(PoisonError::into_inner) = answered;
    }

    /// Whether every shard of a database has a primary, and it answers.
    pub(crate) fn has_all(&self, cluster: &Cluster, view: &View, bdb: u32) -> bool {
        let answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let mut firsts = cluster.shards_of(bdb).filter(|(_, shard)| shard.first);
        firsts.all(|(_, shard)| {
            let primary = view.primary(&shard.group).map(|primary| primary.at);
            primary.is_some() && answered.get(&shard.group).copied() == primary
        })
    }
}
