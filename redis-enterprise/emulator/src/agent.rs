//! What every node does for the cluster: keep its shards and its sentinel as configured.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use tokio::time::{sleep, timeout};

use crate::{
    app::App,
    cluster::{Cluster, Shard},
    faults::Fault,
    identity::Identity,
    layout::{ShardNote, shard_name, shards_dir},
    processes::ServerConfig,
    resp::Client,
    settings::{DOWN_AFTER, FAILOVER_TIMEOUT, SENTINEL_PORT},
    view::CCS,
};

const LIMIT: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How often sentinels look and talk, in ms. Their defaults are made for large networks; these
/// find a dead primary in about the time that the real product needs. A replica is promoted only
/// if it was heard of within five pings, and while its primary is away it is asked each second.
const PACE: [(&str, &str); 6] = [
    ("info-period", "500"),
    ("ping-period", "500"),
    ("ask-period", "200"),
    ("publish-period", "500"),
    ("election-timeout", "1000"),
    // A node that was paused takes part again soon.
    ("tilt-period", "2000"),
];

/// Compares what is with what should be, for as long as the node runs.
pub(crate) async fn run(app: Arc<App>, me: Arc<Identity>) {
    let mut changes = app.store.changes();
    let mut applied = 0;
    let mut sentinel = None;
    let mut known = me.nodes.clone();
    loop {
        let cluster = changes.borrow_and_update().clone();
        if cluster.version > 0 {
            if let Err(error) = keep_shards(&app, &me, &cluster).await {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "the shards are not as they should be"
                );
            }
            if applied != cluster.version {
                match tune_shards(&me, &cluster).await {
                    Ok(()) => applied = cluster.version,
                    Err(error) => tracing::debug!(error = format!("{error:#}"), "shards not tuned"),
                }
            }
            if let Err(error) = keep_sentinel(&mut sentinel, &app, &me, &cluster).await {
                sentinel = None;
                tracing::debug!(error = format!("{error:#}"), "the sentinel does not answer");
            }
            remember_nodes(&app, &me, &cluster, &mut known);
        }
        let _ = timeout(LOOK_EVERY, changes.changed()).await;
        // Changes come in rows.
        sleep(Duration::from_millis(20)).await;
    }
}

/// Notes the nodes of the cluster, for the next start.
fn remember_nodes(
    app: &App,
    me: &Identity,
    cluster: &Cluster,
    known: &mut BTreeMap<u32, std::net::IpAddr>,
) {
    let nodes: BTreeMap<_, _> =
        cluster.nodes.iter().filter(|(_, n)| n.joined).map(|(uid, n)| (*uid, n.address)).collect();
    // Only once bootstrap has ended: before, there is nobody to be remembered.
    if app.identity().is_some() && nodes != *known && nodes.contains_key(&me.uid) {
        let new = Identity { nodes: nodes.clone(), ..me.clone() };
        match new.save(&app.settings) {
            Ok(()) => *known = nodes,
            Err(error) => tracing::error!(error = format!("{error:#}"), "nodes not noted"),
        }
    }
}

async fn keep_shards(app: &App, me: &Identity, cluster: &Cluster) -> anyhow::Result<()> {
    let mine: BTreeMap<String, (u32, &Shard)> = cluster
        .shards
        .iter()
        .filter(|(_, shard)| shard.node == me.uid)
        .map(|(uid, shard)| (shard_name(*uid), (*uid, shard)))
        .collect();
    for (name, (uid, shard)) in &mine {
        if app.faults.has(Fault::ShardLost(*uid)) {
            app.processes.kill(name);
        } else if !app.processes.has(name) {
            make_shard(app, me, cluster, name, *uid, shard)?;
        }
    }
    for name in app.processes.names() {
        if name.starts_with("redis-") && !mine.contains_key(&name) {
            app.processes.stop(&name).await;
            fs::remove_dir_all(shards_dir(&app.settings).join(&name))?;
            tracing::info!(name, "removed");
        }
    }
    Ok(())
}

fn make_shard(
    app: &App,
    me: &Identity,
    cluster: &Cluster,
    name: &str,
    uid: u32,
    shard: &Shard,
) -> anyhow::Result<()> {
    let bdb = cluster.bdbs.get(&shard.bdb).context("a shard of no database")?;
    let dir = shards_dir(&app.settings).join(name);
    fs::create_dir_all(&dir)?;
    let first = cluster.shards_of(shard.bdb).find(|(_, s)| s.group == shard.group && s.first);
    let made_first = first.and_then(|(first, _)| cluster.place_of(first));
    let primary = app.view().last_primary(&shard.group).map(|primary| primary.at).or(made_first);
    let here = SocketAddr::new(me.address, Shard::port(uid));
    let text = ServerConfig {
        address: me.address,
        port: here.port(),
        secret: &me.secret,
        dir: &dir,
        log: &app.settings.log.join(format!("{name}.log")),
        fsync: (bdb.data_persistence == "aof").then_some(fsync(&bdb.aof_policy)),
        memory: bdb.shard_memory(),
        eviction: &bdb.eviction_policy,
        replica_of: primary.filter(|at| *at != here),
        module: app.settings.redisjson.as_deref(),
    }
    .text();
    fs::write(dir.join("redis.conf"), text)?;
    let note = ShardNote { group: shard.group.clone() };
    fs::write(dir.join("shard.json"), serde_json::to_vec(&note)?)?;
    app.processes.start(name, &dir.join("redis.conf"), false);
    Ok(())
}

fn fsync(policy: &str) -> &'static str {
    if policy == "appendfsync-always" { "always" } else { "everysec" }
}

/// Tells running shards of changed settings.
async fn tune_shards(me: &Identity, cluster: &Cluster) -> anyhow::Result<()> {
    for (uid, shard) in cluster.shards.iter().filter(|(_, shard)| shard.node == me.uid) {
        let Some(bdb) = cluster.bdbs.get(&shard.bdb) else { continue };
        let at = SocketAddr::new(me.address, Shard::port(*uid));
        let mut client = Client::connect(at, &me.secret, LIMIT).await?;
        let memory = bdb.shard_memory().to_string();
        let settings = [
            ["maxmemory", &memory],
            ["maxmemory-policy", &bdb.eviction_policy],
            ["appendfsync", fsync(&bdb.aof_policy)],
        ];
        for [name, value] in settings {
            client.ask(&["CONFIG", "SET", name, value]).await?;
        }
        client.ask(&["CONFIG", "REWRITE"]).await?;
    }
    Ok(())
}

async fn keep_sentinel(
    connection: &mut Option<Client>,
    app: &App,
    me: &Identity,
    cluster: &Cluster,
) -> anyhow::Result<()> {
    let sentinel = match connection {
        Some(sentinel) => sentinel,
        none => {
            let at = SocketAddr::new(me.address, SENTINEL_PORT);
            let mut sentinel = Client::connect(at, &me.secret, LIMIT).await?;
            for (name, ms) in PACE {
                sentinel.ask(&["SENTINEL", "DEBUG", name, ms]).await?;
            }
            none.insert(sentinel)
        }
    };
    let masters = sentinel.ask(&["SENTINEL", "MASTERS"]).await?;
    let quorums: BTreeMap<String, String> = masters
        .items()
        .iter()
        .filter_map(|master| Some((master.field("name")?, master.field("quorum")?)))
        .collect();
    let wanted = cluster.groups();
    let quorum = cluster.quorum().to_string();
    for (group, made) in &wanted {
        if !quorums.contains_key(group) {
            let first = SocketAddr::new(made.address, made.port);
            let at = app.view().last_primary(group).map_or(first, |primary| primary.at);
            let (ip, port) = (at.ip().to_string(), at.port().to_string());
            sentinel.ask(&["SENTINEL", "MONITOR", group, &ip, &port, &quorum]).await?;
            let down_after = DOWN_AFTER.as_millis().to_string();
            let settings = [
                ("auth-pass", me.secret.as_str()),
                ("down-after-milliseconds", &down_after),
                ("failover-timeout", FAILOVER_TIMEOUT),
            ];
            for (name, value) in settings {
                sentinel.ask(&["SENTINEL", "SET", group, name, value]).await?;
            }
        }
    }
    let names: BTreeSet<&str> = wanted.keys().map(String::as_str).chain([CCS]).collect();
    for (group, old) in quorums {
        if !names.contains(group.as_str()) {
            sentinel.ask(&["SENTINEL", "REMOVE", &group]).await?;
        } else if old != quorum {
            sentinel.ask(&["SENTINEL", "SET", &group, "quorum", &quorum]).await?;
        }
    }
    Ok(())
}
