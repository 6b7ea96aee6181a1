//! Whether the primary of every shard answers this node. The sentinels need a second to find out that a
//! primary is lost; clients of the endpoint, and the availability of the database, see it at once.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{app::App, cluster::Cluster, identity::Identity, processes::is_ready, view::View};

const LOOK_EVERY: Duration = Duration::from_millis(200);
const LIMIT: Duration = Duration::from_millis(500);

/// The primaries that answered when last asked, by group.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    answered: Mutex<HashMap<String, SocketAddr>>,
}

impl Reach {
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

/// Asks the primaries for as long as the node runs.
pub(crate) async fn watch(app: Arc<App>, me: Arc<Identity>) {
    loop {
        let view = app.view();
        let mut asked = JoinSet::new();
        for group in app.store.cluster().groups().into_keys() {
            let Some(primary) = view.primary(&group) else { continue };
            let me = Arc::clone(&me);
            asked.spawn(async move {
                let ready = timeout(LIMIT, is_ready(primary.at, &me.secret, false)).await;
                ready.unwrap_or(false).then_some((group, primary.at))
            });
        }
        let answered = asked.join_all().await.into_iter().flatten().collect();
        *app.reach.answered.lock().unwrap_or_else(PoisonError::into_inner) = answered;
        sleep(LOOK_EVERY).await;
    }
}
