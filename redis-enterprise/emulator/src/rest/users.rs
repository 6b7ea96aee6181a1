//! Users and their roles.

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Body, Node, Who};
use crate::{
    cluster::{Cluster, Permission, Role, User, now},
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
    role: Option<Role>,
    role_uids: Option<Vec<u32>>,
    auth_method: Option<String>,
    email_alerts: Option<bool>,
    bdbs_email_alerts: Option<Vec<String>>,
    cluster_email_alerts: Option<bool>,
}

impl UserRequest {
    fn role(&self) -> Result<Option<Role>, Refused> {
        if self.auth_method.as_deref().is_some_and(|method| method != "regular") {
            return Err(Refused::invalid_schema("the emulator has regular users only"));
        }
        // Nobody is written to: these are read so that a typing error in others is seen.
        let _ = (self.email_alerts, &self.bdbs_email_alerts, self.cluster_email_alerts);
        let Some(uids) = &self.role_uids else { return Ok(self.role) };
        match uids.as_slice() {
            [uid] => Role::by_uid(*uid)
                .map(Some)
                .ok_or_else(|| Refused::invalid_schema("there is no such role")),
            _ => Err(Refused::invalid_schema("the emulator's users have one role")),
        }
    }
}

pub(super) async fn roles(Extension(caller): Who) -> Answer {
    caller.needs(Permission::View)?;
    let roles =
        Role::ALL.map(|(uid, name, role)| json!({ "uid": uid, "name": name, "management": role }));
    Ok(Json(json!(roles)))
}

pub(super) async fn list(State(app): Node, Extension(caller): Who) -> Answer {
    caller.needs(Permission::Users)?;
    let cluster = app.store.cluster();
    let users: Vec<Value> = cluster.users.iter().map(|(uid, user)| user.show(*uid)).collect();
    Ok(Json(json!(users)))
}

pub(super) async fn show(State(app): Node, Extension(caller): Who, Path(uid): Path<u32>) -> Answer {
    if caller.user != Some(uid) {
        caller.needs(Permission::Users)?;
    }
    let cluster = app.store.cluster();
    cluster.users.get(&uid).map(|user| Json(user.show(uid))).ok_or_else(no_such_user)
}

pub(super) async fn create(
    State(app): Node,
    Extension(caller): Who,
    Body(request): Body<UserRequest>,
) -> Answer {
    caller.needs(Permission::Users)?;
    let role = request.role()?.unwrap_or(Role::DbViewer);
    let missing = || Refused::invalid_schema("a user has an e-mail address and a password");
    let email = request.email.filter(|email| email.contains('@')).ok_or_else(missing)?;
    let password = request.password.filter(|given| !given.is_empty()).ok_or_else(missing)?;
    let name = request.name.unwrap_or_default();
    let shown = app
        .store
        .change(&app, |cluster| {
            if cluster.users.values().any(|user| user.email == email) {
                let sentence = "there is a user with this e-mail address";
                let code = "email_already_exists";
                return Err(Refused::new(StatusCode::CONFLICT, code, sentence));
            }
            let uid = cluster.users.keys().max().map_or(1, |last| last + 1);
            let user = User::new(&email, &name, role, &password);
            let shown = user.show(uid);
            cluster.users.insert(uid, user);
            Ok(shown)
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
    let role = request.role()?;
    // Everybody may change their own name and password.
    if caller.user != Some(uid) || role.is_some() || request.email.is_some() {
        caller.needs(Permission::Users)?;
    }
    let shown = app
        .store
        .change(&app, |cluster| {
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
            user.role = role.unwrap_or(user.role);
            let shown = user.show(uid);
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
    caller.needs(Permission::Users)?;
    app.store
        .change(&app, |cluster| {
            cluster.users.remove(&uid).ok_or_else(no_such_user)?;
            keeps_an_admin(cluster)
        })
        .await?;
    Ok(Json(json!({})))
}

fn keeps_an_admin(cluster: &Cluster) -> Result<(), Refused> {
    if cluster.users.values().any(|user| user.role == Role::Admin) {
        return Ok(());
    }
    let sentence = "at least one user is an administrator";
    Err(Refused::not_acceptable("change_last_admin_role_not_allowed", sentence))
}

fn no_such_user() -> Refused {
    Refused::not_found("user_not_exist", "there is no such user")
}
