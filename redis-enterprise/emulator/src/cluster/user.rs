//! Users of the REST API, the console and `rladmin`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Cluster, Management};
use crate::crypto::Password;

/// A user who may log in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role_uids: Vec<u32>,
    pub(crate) password: Password,
    pub(crate) password_issue_date: String,
}

impl User {
    /// A user with a password of today.
    pub(crate) fn new(email: &str, name: &str, role_uids: Vec<u32>, password: &str) -> Self {
        Self {
            email: email.to_owned(),
            name: name.to_owned(),
            role_uids,
            password: Password::new(password),
            password_issue_date: super::now(),
        }
    }
}

impl Cluster {
    /// The user object of the REST API, without the password; `None` when there is no such user.
    pub(crate) fn show_user(&self, uid: u32) -> Option<Value> {
        let user = self.users.get(&uid)?;
        Some(json!({
            "uid": uid,
            "email": user.email,
            "name": user.name,
            // Requests must not have it, answers do.
            "role": self.managements(uid).first().copied().unwrap_or(Management::None),
            "role_uids": user.role_uids,
            "auth_method": "regular",
            "status": "active",
            "email_alerts": false,
            "password_issue_date": user.password_issue_date,
        }))
    }
}
