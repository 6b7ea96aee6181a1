//! `/v1/users`.

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Body, Node, Who, roles::keeps_an_admin};
use crate::{
    cluster::{Cluster, Permission, User, now},
    crypto::Password,
    refused::Refused,
};

/// What may be said of a user.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserRequest {
    email: Option<String>,
    name: Option<String>,
    password: Option<String>,
    /// The field of clusters without roles of their own; refused.
    role: Option<Value>,
    role_uids: Option<Vec<u32>>,
    auth_method: Option<String>,
    email_alerts: Option<bool>,
    bdbs_email_alerts: Option<Vec<String>>,
    cluster_email_alerts: Option<bool>,
}

impl UserRequest {
    /// The roles that are asked for, all of which exist.
    fn roles(&self, cluster: &Cluster) -> Result<Option<Vec<u32>>, Refused> {
        if self.auth_method.as_deref().is_some_and(|method| method != "regular") {
            return Err(Refused::invalid_schema("the emulator has regular users only"));
        }
        // No mail is sent. The fields are read so that a misspelt one is refused.
        let _ = (self.email_alerts, &self.bdbs_email_alerts, self.cluster_email_alerts);
        let no_such_role = |sentence: String| {
            Err(Refused::new(StatusCode::BAD_REQUEST, "role_not_exist", sentence))
        };
        if let Some(role) = &self.role {
            return no_such_role(format!("there is no role {role}: roles are named by role_uids"));
        }
        let Some(uids) = &self.role_uids else { return Ok(None) };
        if let Some(unknown) = uids.iter().find(|uid| !cluster.roles.contains_key(uid)) {
            return no_such_role(format!("there is no role with uid {unknown}"));
        }
        if uids.is_empty() {
            return Err(Refused::invalid_schema("role_uids names at least one role"));
        }
        Ok(Some(uids.clone()))
    }
}

pub(super) async fn list(State(app): Node, Extension(caller): Who) -> Answer {
    caller.needs(Permission::Users)?;
    let cluster = app.store.cluster();
    let users: Vec<Value> =
        cluster.users.keys().filter_map(|uid| cluster.show_user(*uid)).collect();
    Ok(Json(json!(users)))
}

pub(super) async fn show(State(app): Node, Extension(caller): Who, Path(uid): Path<u32>) -> Answer {
    if caller.user != Some(uid) {
        caller.needs(Permission::Users)?;
    }
    let cluster = app.store.cluster();
    cluster.show_user(uid).map(Json).ok_or_else(no_such_user)
}

pub(super) async fn create(
    State(app): Node,
    Extension(caller): Who,
    Body(request): Body<UserRequest>,
) -> Answer {
    caller.needs(Permission::Users)?;
    let missing = || Refused::invalid_schema("a user has an e-mail address, a password and a role");
    let email = request.email.clone().filter(|email| email.contains('@')).ok_or_else(missing)?;
    let password = request.password.clone().filter(|given| !given.is_empty());
    let password = password.ok_or_else(missing)?;
    let name = request.name.clone().unwrap_or_default();
    let shown = app
        .change(|cluster| {
            if cluster.users.values().any(|user| user.email == email) {
                let sentence = "there is a user with this e-mail address";
                let code = "email_already_exists";
                return Err(Refused::new(StatusCode::CONFLICT, code, sentence));
            }
            let roles = request.roles(cluster)?.ok_or_else(missing)?;
            let uid = cluster.users.keys().max().map_or(1, |last| last + 1);
            let user = User::new(&email, &name, roles, &password);
            cluster.users.insert(uid, user);
            cluster.show_user(uid).ok_or_else(no_such_user)
        })
        .await?;
    Ok(Json(shown))
}

pub(super) async fn change(
    State(app): Node,
    Extension(caller): Who,
    Path(uid): Path<u32>,
    Body(request): Body<UserRequest>,
) -> Answer {
    // Everybody may change their own name and password.
    let is_own = caller.user == Some(uid);
    let more = request.role.is_some() || request.role_uids.is_some() || request.email.is_some();
    if !is_own || more {
        caller.needs(Permission::Users)?;
    }
    let shown = app
        .change(|cluster| {
            let roles = request.roles(cluster)?;
            let user = cluster.users.get_mut(&uid).ok_or_else(no_such_user)?;
            if let Some(password) = &request.password {
                if user.password.is(password) {
                    let sentence = "the new password is the old one";
                    return Err(Refused::not_acceptable("new_password_same_as_current", sentence));
                }
                user.password = Password::new(password);
                user.password_issue_date = now();
            }
            user.name = request.name.unwrap_or_else(|| user.name.clone());
            user.email = request.email.unwrap_or_else(|| user.email.clone());
            user.role_uids = roles.unwrap_or_else(|| user.role_uids.clone());
            keeps_an_admin(cluster)?;
            cluster.show_user(uid).ok_or_else(no_such_user)
        })
        .await?;
    Ok(Json(shown))
}

pub(super) async fn delete(
    State(app): Node,
    Extension(caller): Who,
    Path(uid): Path<u32>,
) -> Answer {
    caller.needs(Permission::Users)?;
    app.change(|cluster| {
        cluster.users.remove(&uid).ok_or_else(no_such_user)?;
        keeps_an_admin(cluster)
    })
    .await?;
    Ok(Json(json!({})))
}

fn no_such_user() -> Refused {
    Refused::not_found("user_not_exist", "there is no such user")
}
