//! A node of a cluster: starting what it consists of, and coming back after it was away.

use std::{
    fs,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

use crate::{
    agent,
    app::App,
    controller,
    identity::Identity,
    layout::{ShardNote, ccs_dir, sentinel_dir, shards_dir},
    processes::{ServerConfig, replicate},
    proxy,
    settings::CCS_PORT,
    view, watch,
};

/// How long a node that starts waits for the others before its sentinel may vote. After all were
/// stopped, the first two to come back could else promote a replica that had been stopped before
/// its primary, and lose what was written in between.
const WAIT_FOR_OTHERS: Duration = Duration::from_secs(10);

/// The configuration of the store's server.
pub(crate) fn write_ccs(
    app: &App,
    me: &Identity,
    primary: Option<IpAddr>,
) -> anyhow::Result<PathBuf> {
    let dir = ccs_dir(&app.settings);
    fs::create_dir_all(&dir)?;
    let text = ServerConfig {
        address: me.address,
        port: CCS_PORT,
        secret: &me.secret,
        dir: &dir,
        log: &app.settings.log.join("ccs.log"),
        fsync: Some("always"),
        memory: 0,
        eviction: "noeviction",
        replica_of: primary.map(|ip| SocketAddr::new(ip, CCS_PORT)),
        // Not for its data: it tells which modules the node has.
        module: app.settings.redisjson.as_deref(),
    }
    .text();
    let path = dir.join("redis.conf");
    fs::write(&path, text).context("write the configuration of the store")?;
    Ok(path)
}

/// Brings a node back that was in the cluster when it stopped.
pub(crate) async fn resume(app: Arc<App>, me: Arc<Identity>) -> anyhow::Result<()> {
    let mut servers = vec![(view::CCS.to_owned(), "ccs".to_owned(), ccs_dir(&app.settings))];
    for entry in fs::read_dir(shards_dir(&app.settings)).into_iter().flatten().flatten() {
        let dir = entry.path();
        let Ok(note) = fs::read(dir.join("shard.json")) else { continue };
        let note: ShardNote = serde_json::from_slice(&note).context("read shard.json")?;
        let name = entry.file_name().to_string_lossy().into_owned();
        servers.push((note.group, name, dir));
    }
    // What was promoted while we were away is not fought over: we come back as its replica.
    let groups: Vec<String> = servers.iter().map(|(group, ..)| group.clone()).collect();
    let primaries = watch::ask_others(&me, &groups).await;
    for (group, name, dir) in servers {
        let path = dir.join("redis.conf");
        let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        if let Some(primary) = primaries.get(&group) {
            let elsewhere = Some(*primary).filter(|at| at.ip() != me.address);
            fs::write(&path, replicate(&text, elsewhere))?;
            tracing::info!(name, group, %primary, "the others say who is primary");
        }
        app.processes.start(&name, &path, false);
    }
    start_loops(&app, &me);
    let (sentinel, others) = (sentinel_dir(&app.settings), Arc::clone(&me));
    let starting = Arc::clone(&app);
    app.spawn(async move {
        wait_for_others(&others).await;
        starting.processes.start("sentinel", &sentinel.join("sentinel.conf"), true);
    });
    app.identity.send_replace(Some(me));
    app.bootstrap.set_completed();
    Ok(())
}

/// Everything that a member does for as long as it runs.
pub(crate) fn start_loops(app: &Arc<App>, me: &Arc<Identity>) {
    let both = || (Arc::clone(app), Arc::clone(me));
    let (of, who) = both();
    app.spawn_member(async move { of.store.follow(&who).await });
    let (of, who) = both();
    app.spawn_member(watch::follow(of, who));
    let (of, who) = both();
    app.spawn_member(watch::reach::follow(of, who));
    let (of, who) = both();
    app.spawn_member(agent::run(of, who));
    let (of, who) = both();
    app.spawn_member(controller::run(of, who));
    let (of, who) = both();
    app.spawn_member(proxy::serve_databases(of, who));
}

/// Returns once the store of every other node can be reached, or after a while.
async fn wait_for_others(me: &Identity) {
    let until = Instant::now() + WAIT_FOR_OTHERS;
    for (uid, address) in me.nodes.iter().filter(|(uid, _)| **uid != me.uid) {
        let reach = || async {
            let connect = TcpStream::connect((*address, CCS_PORT));
            timeout(Duration::from_millis(300), connect).await.is_ok_and(|made| made.is_ok())
        };
        while !reach().await {
            if Instant::now() > until {
                tracing::warn!(node = uid, "not there: going on without it");
                break;
            }
            sleep(Duration::from_millis(200)).await;
        }
    }
}
