//! What each node answers for itself.

use axum::{
    Extension, Json,
    extract::{Path, State},
    response::Html,
};
use serde_json::{Value, json};

use super::{Answer, Body, Caller, Node, Who};
use crate::{
    app::App,
    bootstrap::{self, BootstrapRequest},
    cluster::{Bdb, Cluster, Permission},
    faults::Fault,
    refused::Refused,
    settings::{PRODUCT, SOFTWARE_VERSION},
    view::CCS,
};

/// The answer about what is available: an empty page, as the real product gives it.
const AVAILABLE: Html<&str> = Html("");

pub(super) async fn show_bootstrap(State(app): Node) -> Json<Value> {
    let settings = &app.settings;
    let own = settings.own_address();
    let uid = app.identity().map(|me| me.uid);
    Json(json!({
        "bootstrap_status": app.bootstrap.show(),
        "local_node_info": {
            "uid": uid,
            "software_version": SOFTWARE_VERSION,
            "emulator": PRODUCT,
            "cores": std::thread::available_parallelism().map_or(1, usize::from),
            "total_memory": settings.memory(),
            "persistent_storage_path": settings.persist,
            "available_addrs": [
                { "address": own, "format": "ipv4", "if_name": "eth0", "private": true },
            ],
        },
    }))
}

pub(super) async fn start_bootstrap(
    State(app): Node,
    Path(action): Path<String>,
    caller: Option<Extension<Caller>>,
    Body(request): Body<BootstrapRequest>,
) -> Answer {
    if let Some(Extension(caller)) = caller {
        caller.needs(Permission::UpdateCluster)?;
    }
    bootstrap::start(&app, &action, request)?;
    Ok(Json(json!({})))
}

/// Always 200: what counts is the body.
pub(super) async fn master_healthcheck(State(app): Node, Extension(caller): Who) -> Answer {
    caller.needs(Permission::View)?;
    let primary = has_quorum(&app) && app.view().primary(CCS).is_some();
    Ok(Json(json!({ "status": if primary { "active" } else { "inactive" } })))
}

/// Whether clients can use the whole database through this node.
pub(super) async fn endpoint_availability(
    State(app): Node,
    Extension(caller): Who,
    Path(uid): Path<u32>,
) -> Result<Html<&'static str>, Refused> {
    caller.needs(Permission::View)?;
    let cluster = app.store.cluster();
    let bdb = find(&cluster, uid)?;
    if !has_quorum(&app) {
        return Err(Refused::no_quorum());
    }
    let whole = app.reach.has_all(&cluster, &app.view(), uid);
    if !bdb.serves() || !app.is_listening(uid) || !whole {
        let node = app.identity().map_or(0, |me| me.uid);
        let sentence = format!("Local endpoint of BDB {uid} on node {node} is not available");
        return Err(Refused::unavailable("bdb_endpoint_unavailable", sentence));
    }
    Ok(AVAILABLE)
}

/// Whether the database can be used at all, with every part of it.
pub(super) async fn bdb_availability(
    State(app): Node,
    Extension(caller): Who,
    Path(uid): Path<u32>,
) -> Result<Html<&'static str>, Refused> {
    caller.needs(Permission::View)?;
    let cluster = app.store.cluster();
    let bdb = find(&cluster, uid)?;
    if !has_quorum(&app) {
        return Err(Refused::no_quorum());
    }
    let code = match (bdb.serves(), app.reach.has_all(&cluster, &app.view(), uid)) {
        (true, true) => return Ok(AVAILABLE),
        (true, false) => "bdb_unavailable_shard_unreachable",
        (false, _) => "bdb_unavailable",
    };
    Err(Refused::unavailable(code, format!("BDB {uid} is not available")))
}

fn find(cluster: &Cluster, uid: u32) -> Result<&Bdb, Refused> {
    let none = || Refused::not_found("db_not_found", "Database does not exist in the cluster");
    cluster.bdbs.get(&uid).ok_or_else(none)
}

fn has_quorum(app: &App) -> bool {
    app.view().has_quorum() && !app.faults.has(Fault::NoQuorum)
}
