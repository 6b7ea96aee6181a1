//! `/v1/roles`.

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Body, Node, Who};
use crate::{
    cluster::{Cluster, Management, Permission, Role},
    refused::Refused,
};

/// The role object of a request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleRequest {
    name: Option<String>,
    management: Option<Management>,
}

pub(super) async fn list(State(app): Node, Extension(caller): Who) -> Answer {
    caller.needs(Permission::View)?;
    let cluster = app.store.cluster();
    let roles: Vec<Value> = cluster.roles.iter().map(|(uid, role)| role.show(*uid)).collect();
    Ok(Json(json!(roles)))
}

pub(super) async fn show(State(app): Node, Extension(caller): Who, Path(uid): Path<u32>) -> Answer {
    caller.needs(Permission::View)?;
    let cluster = app.store.cluster();
    cluster.roles.get(&uid).map(|role| Json(role.show(uid))).ok_or_else(no_such_role)
}

pub(super) async fn create(
    State(app): Node,
    Extension(caller): Who,
    Body(request): Body<RoleRequest>,
) -> Answer {
    caller.needs(Permission::WriteRoles)?;
    let missing = |field: &str| {
        let sentence = format!("the role has no {field}");
        Refused::new(StatusCode::BAD_REQUEST, "missing_field", sentence)
    };
    let name = request.name.filter(|name| !name.is_empty()).ok_or_else(|| missing("name"))?;
    let management = request.management.ok_or_else(|| missing("management"))?;
    let role = Role { name, management };
    let shown = app
        .change(|cluster| {
            check_name(cluster, &role.name, None)?;
            let uid = cluster.roles.keys().max().map_or(Role::ADMIN, |last| last + 1);
            let shown = role.show(uid);
            cluster.roles.insert(uid, role);
            Ok(shown)
        })
        .await?;
    Ok(Json(shown))
}

pub(super) async fn change(
    State(app): Node,
    Extension(caller): Who,
    Path(uid): Path<u32>,
    Body(request): Body<RoleRequest>,
) -> Answer {
    caller.needs(Permission::WriteRoles)?;
    let shown = app
        .change(|cluster| {
            let role = cluster.roles.get(&uid).ok_or_else(no_such_role)?;
            let role = Role {
                name: request.name.unwrap_or_else(|| role.name.clone()),
                management: request.management.unwrap_or(role.management),
            };
            check_name(cluster, &role.name, Some(uid))?;
            let shown = role.show(uid);
            cluster.roles.insert(uid, role);
            keeps_an_admin(cluster)?;
            Ok(shown)
        })
        .await?;
    Ok(Json(shown))
}

pub(super) async fn delete(
    State(app): Node,
    Extension(caller): Who,
    Path(uid): Path<u32>,
) -> Answer {
    caller.needs(Permission::WriteRoles)?;
    app.change(|cluster| {
        cluster.roles.remove(&uid).ok_or_else(no_such_role)?;
        let of_user = cluster.users.values().any(|user| user.role_uids.contains(&uid));
        let of_bdb = cluster.bdbs.values().any(|bdb| bdb.names_role(uid));
        if of_user || of_bdb {
            let sentence = "the role is assigned to a user or used by a database";
            return Err(Refused::not_acceptable("role_in_use", sentence));
        }
        Ok(())
    })
    .await?;
    Ok(Json(json!({})))
}

/// Refuses a change that leaves the cluster without an administrator.
pub(super) fn keeps_an_admin(cluster: &Cluster) -> Result<(), Refused> {
    if cluster.has_admin() {
        return Ok(());
    }
    let sentence = "at least one user is an administrator";
    Err(Refused::not_acceptable("change_last_admin_role_not_allowed", sentence))
}

fn check_name(cluster: &Cluster, name: &str, own: Option<u32>) -> Result<(), Refused> {
    let taken = |(uid, role): (&u32, &Role)| role.name == name && Some(*uid) != own;
    if cluster.roles.iter().any(taken) {
        let sentence = format!("there is a role named {name}");
        return Err(Refused::new(StatusCode::BAD_REQUEST, "name_already_exists", sentence));
    }
    Ok(())
}

fn no_such_role() -> Refused {
    Refused::not_found("role_not_exist", "there is no such role")
}
