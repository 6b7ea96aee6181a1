//! What the cluster's primary does: it carries out what was asked for.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{
    app::App,
    cluster::{BdbStatus, Cluster, Module},
    identity::Identity,
    processes::is_ready,
    resp::Client,
    view::CCS,
};

const LOOK_EVERY: Duration = Duration::from_millis(200);
const LIMIT: Duration = Duration::from_secs(1);

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// The node is a member now.
    Joined(u32),
    /// The database's shards are up, with these modules: let the sentinels watch them.
    Watch(u32, Vec<Module>),
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
            apply(cluster, &step);
            Ok(())
        };
        match app.change(carry_out).await {
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
                if let Some(modules) = modules_of_shards(me, cluster, *uid).await {
                    return Some(Step::Watch(*uid, modules));
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

/// The modules that every shard of a database has loaded; none while a shard isn't ready.
async fn modules_of_shards(me: &Identity, cluster: &Cluster, bdb: u32) -> Option<Vec<Module>> {
    let mut common: Option<Vec<Module>> = None;
    for (uid, shard) in cluster.shards_of(bdb) {
        let at = cluster.place_of(uid)?;
        if !is_ready(at, &me.secret, !shard.first).await {
            return None;
        }
        let mut client = Client::connect(at, &me.secret, LIMIT).await.ok()?;
        let here = Module::read(&client.ask(&["MODULE", "LIST"]).await.ok()?);
        common = Some(match common {
            None => here,
            Some(common) => common.into_iter().filter(|module| here.contains(module)).collect(),
        });
    }
    common
}

fn apply(cluster: &mut Cluster, step: &Step) {
    match step {
        Step::Joined(uid) => {
            if let Some(node) = cluster.nodes.get_mut(uid) {
                node.joined = true;
            }
        }
        Step::Watch(uid, modules) => {
            if let Some(bdb) = cluster.bdbs.get_mut(uid) {
                bdb.modules.clone_from(modules);
                bdb.watched = true;
            }
        }
        Step::Activate(uid) => {
            if let Some(bdb) = cluster.bdbs.get_mut(uid) {
                bdb.status = BdbStatus::Active;
            }
        }
        Step::Delete(uid) => {
            cluster.bdbs.remove(uid);
            cluster.shards.retain(|_, shard| shard.bdb != *uid);
        }
    }
}
