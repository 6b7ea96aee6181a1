//! Databases and their shards.

use std::collections::HashMap;

use axum::{
    Extension, Json,
    extract::{Path, Query, State},
};
use serde_json::{Value, json};

use super::{Answer, Body, Node, Who, shown::show_shard};
use crate::{
    app::App,
    cluster::{BdbRequest, BdbStatus, Permission, change_bdb, new_bdb, no_such_bdb},
};

type Parameters = Query<HashMap<String, String>>;

/// The object with the fields that were asked for.
fn only(mut shown: Value, Query(parameters): &Parameters) -> Value {
    if let (Some(fields), Some(object)) = (parameters.get("fields"), shown.as_object_mut()) {
        let wanted: Vec<&str> = fields.split(',').collect();
        object.retain(|name, _| wanted.contains(&name.as_str()));
    }
    shown
}

fn active_nodes(app: &App) -> Vec<u32> {
    let view = app.view();
    let cluster = app.store.cluster();
    let nodes = cluster.nodes.iter().filter(|(uid, node)| node.joined && view.is_up(**uid));
    nodes.map(|(uid, _)| *uid).collect()
}

pub(super) async fn list(
    State(app): Node,
    Extension(caller): Who,
    parameters: Parameters,
) -> Answer {
    caller.needs(Permission::View)?;
    let cluster = app.store.cluster();
    let shown = cluster.bdbs.keys().filter_map(|uid| cluster.show_bdb(*uid));
    Ok(Json(shown.map(|bdb| only(bdb, &parameters)).collect()))
}

pub(super) async fn show(
    State(app): Node,
    Extension(caller): Who,
    Path(uid): Path<u32>,
    parameters: Parameters,
) -> Answer {
    caller.needs(Permission::View)?;
    let shown = app.store.cluster().show_bdb(uid).ok_or_else(|| no_such_bdb(uid))?;
    Ok(Json(only(shown, &parameters)))
}

pub(super) async fn create(
    State(app): Node,
    Extension(caller): Who,
    Query(parameters): Parameters,
    Body(request): Body<BdbRequest>,
) -> Answer {
    caller.needs(Permission::WriteBdb)?;
    let active = active_nodes(&app);
    if parameters.contains_key("dry_run") {
        let mut draft = (*app.store.cluster()).clone();
        let uid = new_bdb(&mut draft, &request, &active)?;
        return Ok(Json(draft.show_bdb(uid).unwrap_or_default()));
    }
    let uid = app.change(|cluster| new_bdb(cluster, &request, &active)).await?;
    tracing::info!(uid, "database asked for");
    Ok(Json(app.store.cluster().show_bdb(uid).unwrap_or_default()))
}

pub(super) async fn change(
    State(app): Node,
    Extension(caller): Who,
    Path(uid): Path<u32>,
    Query(parameters): Parameters,
    Body(request): Body<BdbRequest>,
) -> Answer {
    caller.needs(Permission::WriteBdb)?;
    let active = active_nodes(&app);
    if parameters.contains_key("dry_run") {
        let mut draft = (*app.store.cluster()).clone();
        change_bdb(&mut draft, uid, &request, &active)?;
        return Ok(Json(draft.show_bdb(uid).unwrap_or_default()));
    }
    app.change(|cluster| change_bdb(cluster, uid, &request, &active)).await?;
    Ok(Json(app.store.cluster().show_bdb(uid).unwrap_or_default()))
}

pub(super) async fn delete(
    State(app): Node,
    Extension(caller): Who,
    Path(uid): Path<u32>,
) -> Answer {
    caller.needs(Permission::WriteBdb)?;
    app.change(|cluster| {
        let bdb = cluster.bdbs.get_mut(&uid).ok_or_else(|| no_such_bdb(uid))?;
        bdb.status = BdbStatus::DeletePending;
        Ok(())
    })
    .await?;
    Ok(Json(json!({})))
}

pub(super) async fn shards(State(app): Node, Extension(caller): Who) -> Answer {
    caller.needs(Permission::View)?;
    let (cluster, view) = (app.store.cluster(), app.view());
    let shards = cluster.shards.iter();
    Ok(Json(shards.map(|(uid, shard)| show_shard(&cluster, &view, *uid, shard)).collect()))
}
