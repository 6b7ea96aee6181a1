//! How a node that wants to join asks the primary. The real product has its own, unpublished, way.

use axum::{Extension, Json, extract::State, http::StatusCode};
use serde_json::json;

use super::{Answer, Body, Node, Who};
use crate::{
    bootstrap::{JoinAnswer, JoinQuestion},
    cluster::Permission,
    refused::Refused,
    view::CCS,
};

/// The most that the clocks of two nodes may differ.
const CLOCK_DIFFERENCE_S: i64 = 60;

pub(super) async fn join(
    State(app): Node,
    Extension(caller): Who,
    Body(question): Body<JoinQuestion>,
) -> Answer {
    caller.needs(Permission::UpdateCluster)?;
    let here = jiff::Timestamp::now().as_second();
    if (here - question.clock).abs() > CLOCK_DIFFERENCE_S {
        let sentence = format!("its clock is {} s ahead of the cluster's", question.clock - here);
        return Err(Refused::new(StatusCode::CONFLICT, "time_not_sync", sentence));
    }
    let me = app.identity().ok_or_else(Refused::unauthorized)?;
    let no_primary = || Refused::unavailable("no_quorum", "the cluster has no primary now");
    let primary = app.view().primary(CCS).ok_or_else(no_primary)?.at.ip();
    let node = question.node;
    let (uid, nodes, modules) = app
        .change(|cluster| {
            let known = cluster.nodes.iter().find(|(_, other)| other.address == node.address);
            let uid = match known {
                // An earlier attempt of the same node ended half way.
                Some((uid, other)) if !other.joined => *uid,
                Some((uid, _)) => {
                    let sentence = format!(
                        "node {uid} had this address and is gone: its container was made anew. \
                         Remove the volumes of all nodes and build the cluster again"
                    );
                    return Err(Refused::new(StatusCode::CONFLICT, "repair_required", sentence));
                }
                None => cluster.nodes.keys().max().map_or(1, |last| last + 1),
            };
            cluster.nodes.insert(uid, node);
            let nodes = cluster.nodes.iter().map(|(uid, node)| (*uid, node.address)).collect();
            Ok((uid, nodes, cluster.modules.clone()))
        })
        .await?;
    tracing::info!(uid, "a node joins");
    let (cluster, secret) = (me.cluster.clone(), me.secret.clone());
    let answer = JoinAnswer { uid, cluster, secret, nodes, primary, modules };
    Ok(Json(json!(answer)))
}
