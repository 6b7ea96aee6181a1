//! Objects as the REST API shows them, and all of them together for `rladmin` and the console.

use serde_json::{Value, json};

use crate::{
    app::App,
    cluster::{Cluster, MASKED, Shard},
    settings::{PRODUCT, SOFTWARE_VERSION},
    view::{CCS, View},
};

pub(super) fn show_cluster(cluster: &Cluster) -> Value {
    json!({
        "name": cluster.name,
        "emulator": PRODUCT,
        "created_time": cluster.created_time,
        "handle_redirects": cluster.handle_redirects,
        "mask_bdb_credentials": cluster.mask_bdb_credentials,
        "default_sharded_proxy_policy": cluster.policy.default_sharded_proxy_policy,
        "default_non_sharded_proxy_policy": cluster.policy.default_non_sharded_proxy_policy,
        "rack_aware": false,
        "wait_command": true,
        "cm_port": 8443,
        "cnm_https_port": 9443,
    })
}

pub(super) fn show_node(cluster: &Cluster, view: &View, uid: u32) -> Option<Value> {
    let node = cluster.nodes.get(&uid)?;
    let shards = cluster.shards.iter().filter(|(_, shard)| shard.node == uid);
    let shards: Vec<u32> = shards.map(|(shard, _)| *shard).collect();
    let status = match (node.joined, view.is_up(uid)) {
        (false, _) => "provisioning",
        (true, true) => "active",
        (true, false) => "down",
    };
    Some(json!({
        "uid": uid,
        "addr": node.address,
        "status": status,
        "accept_servers": true,
        "cores": node.cores,
        "total_memory": node.memory,
        "provisional_ram": node.provisional_memory().saturating_sub(cluster.allotted(uid)),
        "shard_count": shards.len(),
        "shard_list": shards,
        "software_version": SOFTWARE_VERSION,
        "os_name": "emulator",
        "hostname": node.hostname,
        "system_time": crate::cluster::now(),
    }))
}

pub(super) fn show_shard(cluster: &Cluster, view: &View, uid: u32, shard: &Shard) -> Value {
    let here = cluster.place_of(uid);
    let primary = view.last_primary(&shard.group).map(|primary| primary.at);
    let is_primary = primary.map_or(shard.first, |at| Some(at) == here);
    let up = view.is_up(shard.node);
    json!({
        "uid": uid.to_string(),
        "bdb_uid": shard.bdb,
        "node_uid": shard.node.to_string(),
        "role": if is_primary && up { "master" } else { "slave" },
        "assigned_slots": format!("{}-{}", shard.slots.0, shard.slots.1),
        "status": if up { "active" } else { "inactive" },
        "detailed_status": if up { "ok" } else { "down" },
        "report_timestamp": crate::cluster::now(),
    })
}

/// The whole cluster as this node sees it.
pub(crate) fn overview(app: &App) -> Value {
    let (cluster, view) = (app.store.cluster(), app.view());
    let primary = view.primary(CCS).map(|primary| primary.at.ip());
    let primary = cluster.nodes.iter().find(|(_, node)| Some(node.address) == primary);
    let nodes = cluster.nodes.keys().filter_map(|uid| show_node(&cluster, &view, *uid));
    let shards = cluster.shards.iter().map(|(uid, shard)| show_shard(&cluster, &view, *uid, shard));
    let bdbs = cluster.bdbs.keys().filter_map(|uid| cluster.show_bdb(*uid));
    // For people to look at, so never with a password.
    let bdbs = bdbs.map(|mut bdb| {
        bdb["authentication_redis_pass"] = json!(MASKED);
        bdb
    });
    json!({
        "product": PRODUCT,
        "cluster": cluster.name,
        "this_node": app.identity().map(|me| me.uid),
        "primary": primary.map(|(uid, _)| *uid),
        "quorum": view.has_quorum(),
        "license_expired": cluster.license.expired(),
        "nodes": nodes.collect::<Vec<_>>(),
        "bdbs": bdbs.collect::<Vec<_>>(),
        "shards": shards.collect::<Vec<_>>(),
    })
}
