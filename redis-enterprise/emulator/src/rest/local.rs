//! What each node answers for itself.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use serde_json::{Value, json};

use super::{Answer, Body, Caller, Node, Who};
use crate::{
    app::App,
    bootstrap::{self, BootstrapRequest},
    cluster::Permission,
    refused::Refused,
    settings::{PRODUCT, SOFTWARE_VERSION},
    view::CCS,
};

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
    let primary = app.view().primary(CCS).is_some();
    Ok(Json(json!({ "status": if primary { "active" } else { "inactive" } })))
}

pub(super) async fn endpoint_availability(
    State(app): Node,
    Extension(caller): Who,
    Path(uid): Path<u32>,
) -> Answer {
    caller.needs(Permission::View)?;
    check_availability(&app, uid)?;
    Ok(Json(json!({})))
}

/// Whether clients can use the database through this node.
pub(super) fn check_availability(app: &Arc<App>, uid: u32) -> Result<(), Refused> {
    let cluster = app.store.cluster();
    let bdb = cluster.bdbs.get(&uid);
    let bdb = bdb.ok_or_else(|| {
        Refused::not_found("db_not_found", "the database does not exist in the cluster")
    })?;
    if !app.view().has_quorum() {
        return Err(Refused::unavailable("no_quorum", "no quorum in the cluster"));
    }
    if !bdb.serves() || !app.is_listening(uid) {
        let sentence = "the local database endpoint is not available";
        return Err(Refused::unavailable("bdb_endpoint_unavailable", sentence));
    }
    Ok(())
}
