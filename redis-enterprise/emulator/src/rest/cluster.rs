//! Cluster, policy, nodes, licence, modules.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Answer, Body, Node, Who,
    shown::{show_cluster, show_node},
};
use crate::{
    cluster::{Module, Permission, Policy},
    refused::Refused,
};

pub(super) async fn show(State(app): Node, Extension(caller): Who) -> Answer {
    caller.needs(Permission::View)?;
    Ok(Json(show_cluster(&app.store.cluster())))
}

/// What of the cluster object can be changed here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClusterChange {
    handle_redirects: Option<bool>,
    mask_bdb_credentials: Option<bool>,
}

pub(super) async fn change(
    State(app): Node,
    Extension(caller): Who,
    Body(change): Body<ClusterChange>,
) -> Answer {
    caller.needs(Permission::UpdateCluster)?;
    app.change(|cluster| {
        if let Some(handle) = change.handle_redirects {
            cluster.handle_redirects = handle;
        }
        if let Some(mask) = change.mask_bdb_credentials {
            cluster.mask_bdb_credentials = mask;
        }
        Ok(())
    })
    .await?;
    Ok(Json(show_cluster(&app.store.cluster())))
}

pub(super) async fn show_policy(State(app): Node, Extension(caller): Who) -> Answer {
    caller.needs(Permission::View)?;
    Ok(Json(json!(app.store.cluster().policy)))
}

pub(super) async fn change_policy(
    State(app): Node,
    Extension(caller): Who,
    Body(change): Body<Map<String, Value>>,
) -> Answer {
    caller.needs(Permission::UpdateCluster)?;
    app.change(|cluster| {
        let mut policy = json!(cluster.policy);
        for (name, value) in change {
            policy[name] = value;
        }
        let policy: Policy = serde_json::from_value(policy)
            .map_err(|error| Refused::invalid_schema(error.to_string()))?;
        cluster.policy = policy;
        Ok(())
    })
    .await?;
    Ok(Json(json!(app.store.cluster().policy)))
}

pub(super) async fn license(State(app): Node, Extension(caller): Who) -> Answer {
    caller.needs(Permission::View)?;
    let cluster = app.store.cluster();
    Ok(Json(cluster.license.show(cluster.shards.len())))
}

pub(super) async fn install_license(Extension(caller): Who) -> Answer {
    caller.needs(Permission::Users)?;
    let sentence = "the emulator has its trial license and takes no other";
    Err(Refused::not_acceptable("invalid_license", sentence))
}

pub(super) async fn modules(State(app): Node, Extension(caller): Who) -> Answer {
    caller.needs(Permission::View)?;
    Ok(Json(app.store.cluster().modules.iter().map(Module::show).collect()))
}

pub(super) async fn nodes(State(app): Node, Extension(caller): Who) -> Answer {
    caller.needs(Permission::View)?;
    let (cluster, view) = (app.store.cluster(), app.view());
    let nodes: Vec<Value> =
        cluster.nodes.keys().filter_map(|uid| show_node(&cluster, &view, *uid)).collect();
    Ok(Json(json!(nodes)))
}

pub(super) async fn node(State(app): Node, Extension(caller): Who, Path(uid): Path<u32>) -> Answer {
    caller.needs(Permission::View)?;
    let node = show_node(&app.store.cluster(), &app.view(), uid);
    node.map(Json).ok_or_else(|| Refused::not_found("node_not_found", "there is no such node"))
}
