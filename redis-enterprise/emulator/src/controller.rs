//! What the cluster's primary does: it carries out what was asked for.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{
    agent::is_ready,
    app::App,
    cluster::{BdbStatus, Cluster},
    identity::Identity,
    view::CCS,
};

const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The node is a member now.
    Joined(u32),
    /// The database's shards are up: let the sentinels watch them.
    Watch(u32),
    /// The database can be used.
    Activate(u32),
    /// The database is gone.
    Delete(u32),
}

/// Looks for work for as long as the node runs.
pub(crate) async fn run(app: Arc<App>, me: Arc<Identity>) {
    loop {
        sleep(LOOK_EVERY).await;
        if !app.is_primary() {
            continue;
        }
        let cluster = app.store.cluster();
        let Some(step) = next(&app, &me, &cluster).await else { continue };
        let carry_out = |cluster: &mut Cluster| {
            apply(cluster, step);
            Ok(())
        };
        match app.store.change(&app, carry_out).await {
            Ok(()) => tracing::info!(?step, "done"),
            Err(refused) => tracing::warn!(?step, refused.description, "not done"),
        }
    }
}

async fn next(app: &App, me: &Identity, cluster: &Cluster) -> Option<Step> {
    let view = app.view();
    for (uid, node) in &cluster.nodes {
        if !node.joined && view.is_up(*uid) && view.replicas(CCS).is_some() {
            return Some(Step::Joined(*uid));
        }
    }
    for (uid, bdb) in &cluster.bdbs {
        match bdb.status {
            BdbStatus::Active => {}
            BdbStatus::ActiveChangePending => return Some(Step::Activate(*uid)),
            BdbStatus::DeletePending => return Some(Step::Delete(*uid)),
            BdbStatus::Pending if !bdb.watched => {
                if shards_are_ready(me, cluster, *uid).await {
                    return Some(Step::Watch(*uid));
                }
            }
            BdbStatus::Pending => {
                // Active only once a failover would succeed, too.
                let wanted = usize::from(bdb.replication);
                let mut groups = cluster.shards_of(*uid).map(|(_, shard)| &shard.group);
                let known =
                    |group: &String| view.replicas(group).is_some_and(|there| there >= wanted);
                if groups.all(known) {
                    return Some(Step::Activate(*uid));
                }
            }
        }
    }
    None
}

async fn shards_are_ready(me: &Identity, cluster: &Cluster, bdb: u32) -> bool {
    for (uid, shard) in cluster.shards_of(bdb) {
        let Some(at) = cluster.place_of(uid) else { return false };
        if !is_ready(at, &me.secret, !shard.first).await {
            return false;
        }
    }
    true
}

fn apply(cluster: &mut Cluster, step: Step) {
    match step {
        Step::Joined(uid) => {
            if let Some(node) = cluster.nodes.get_mut(&uid) {
                node.joined = true;
            }
        }
        Step::Watch(uid) => {
            if let Some(bdb) = cluster.bdbs.get_mut(&uid) {
                bdb.watched = true;
            }
        }
        Step::Activate(uid) => {
            if let Some(bdb) = cluster.bdbs.get_mut(&uid) {
                bdb.status = BdbStatus::Active;
            }
        }
        Step::Delete(uid) => {
            cluster.bdbs.remove(&uid);
            cluster.shards.retain(|_, shard| shard.bdb != uid);
        }
    }
}
