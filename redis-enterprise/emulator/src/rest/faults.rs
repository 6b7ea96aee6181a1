//! `/v1/emulator/faults`: our own, for tests.

use axum::{Extension, Json, extract::State};
use serde::Deserialize;
use serde_json::json;

use super::{Answer, Body, Node, Who};
use crate::{cluster::Permission, refused::Refused};

/// A fault to begin, written as on the command line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultRequest {
    fault: String,
}

pub(super) async fn list(State(app): Node, Extension(caller): Who) -> Answer {
    caller.needs(Permission::UpdateCluster)?;
    Ok(Json(json!(app.faults.list())))
}

pub(super) async fn begin(
    State(app): Node,
    Extension(caller): Who,
    Body(request): Body<FaultRequest>,
) -> Answer {
    caller.needs(Permission::UpdateCluster)?;
    let begun = app.faults.begin(&request.fault);
    begun.map_err(|error| Refused::invalid_schema(format!("{error:#}")))?;
    Ok(Json(json!(app.faults.list())))
}

pub(super) async fn clear(State(app): Node, Extension(caller): Who) -> Answer {
    caller.needs(Permission::UpdateCluster)?;
    app.faults.clear()?;
    Ok(Json(json!([])))
}
