//! The endpoint of a database on a node: one port that leads to all its shards.

mod backend;
mod commands;
mod info;
mod local;
mod merge;
mod route;
mod session;
mod slots;
mod transaction;
mod writer;

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use self::session::Session;
pub(crate) use self::slots::Rules;
use crate::{
    app::App,
    cluster::{Bdb, Cluster, ProxyPolicy},
    identity::Identity,
};

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Opens and closes the ports of databases as configured, for as long as the node runs.
pub(crate) async fn serve_databases(app: Arc<App>, me: Arc<Identity>) {
    let mut changes = app.store.changes();
    let mut open: HashMap<u32, (u16, DropGuard)> = HashMap::new();
    loop {
        let cluster = changes.borrow_and_update().clone();
        let here = |uid: u32, bdb: &Bdb| bdb.serves() && is_bound_here(&app, &me, &cluster, uid);
        open.retain(|uid, _| {
            let stays = cluster.bdbs.get(uid).is_some_and(|bdb| here(*uid, bdb));
            if !stays {
                app.set_listening(*uid, false);
                tracing::info!(database = uid, "endpoint closed");
            }
            stays
        });
        for (uid, bdb) in &cluster.bdbs {
            if open.contains_key(uid) || !here(*uid, bdb) {
                continue;
            }
            match TcpListener::bind(("0.0.0.0", bdb.port)).await {
                Ok(listener) => {
                    let stop = CancellationToken::new();
                    let accept = accept(Arc::clone(&app), Arc::clone(&me), *uid, listener);
                    let ended = stop.clone();
                    app.spawn_member(async move {
                        tokio::select! {
                            () = accept => {}
                            () = ended.cancelled() => {}
                        }
                    });
                    open.insert(*uid, (bdb.port, stop.drop_guard()));
                    app.set_listening(*uid, true);
                    tracing::info!(database = uid, port = bdb.port, "endpoint open");
                }
                Err(error) => tracing::error!(port = bdb.port, %error, "endpoint not open"),
            }
        }
        let _ = timeout(LOOK_EVERY, changes.changed()).await;
    }
}

fn is_bound_here(app: &App, me: &Identity, cluster: &Cluster, uid: u32) -> bool {
    let Some(bdb) = cluster.bdbs.get(&uid) else { return false };
    let view = app.view();
    let mut primaries = cluster
        .shards_of(uid)
        .filter(|(_, shard)| shard.first)
        .filter_map(|(_, shard)| view.last_primary(&shard.group))
        .map(|primary| primary.at.ip() == me.address);
    match bdb.proxy_policy {
        ProxyPolicy::AllNodes => true,
        ProxyPolicy::AllMasterShards => primaries.any(|here| here),
        ProxyPolicy::Single => primaries.next() == Some(true),
    }
}

async fn accept(app: Arc<App>, me: Arc<Identity>, bdb: u32, listener: TcpListener) {
    // Sessions end when this does: each has a child of this token.
    let ending = CancellationToken::new();
    let _guard = ending.clone().drop_guard();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let (app, me, ending) = (Arc::clone(&app), Arc::clone(&me), ending.clone());
                let serving = Arc::clone(&app);
                serving.spawn_member(async move {
                    let Some(session) = Session::new(app, me, bdb) else { return };
                    tokio::select! {
                        ended = session.run(stream) => {
                            if let Err(error) = ended {
                                let error = format!("{error:#}");
                                tracing::debug!(%peer, error, "connection ended");
                            }
                        }
                        () = ending.cancelled() => {}
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "accept");
                sleep(Duration::from_millis(50)).await;
            }
        }
    }
}
