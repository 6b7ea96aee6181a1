//! Who may do what.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::crypto::Password;

/// A management role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    Admin,
    ClusterMember,
    ClusterViewer,
    DbMember,
    DbViewer,
    UserManager,
    None,
}

/// Permissions, in the groups in which roles have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// `view_…_info` of databases, nodes, roles, cluster, licence, modules.
    View,
    /// `create_bdb`, `update_bdb`, `delete_bdb`.
    WriteBdb,
    /// `update_cluster`.
    UpdateCluster,
    /// `view_all_users_info`, `create_new_user`, `update_user`, `delete_user`.
    Users,
}

impl Role {
    /// The built-in roles in the order of their numbers.
    pub(crate) const ALL: [(u32, &'static str, Self); 7] = [
        (1, "Admin", Self::Admin),
        (2, "Cluster Member", Self::ClusterMember),
        (3, "Cluster Viewer", Self::ClusterViewer),
        (4, "DB Member", Self::DbMember),
        (5, "DB Viewer", Self::DbViewer),
        (6, "None", Self::None),
        (7, "User Manager", Self::UserManager),
    ];

    /// The role with a number.
    pub(crate) fn by_uid(uid: u32) -> Option<Self> {
        Self::ALL.iter().find(|role| role.0 == uid).map(|role| role.2)
    }

    /// The role's number.
    pub(crate) fn uid(self) -> u32 {
        Self::ALL.iter().find(|role| role.2 == self).map_or(6, |role| role.0)
    }

    /// Whether who has the role may do it.
    pub(crate) fn may(self, permission: Permission) -> bool {
        match permission {
            Permission::View => self != Self::None,
            Permission::WriteBdb => {
                matches!(self, Self::Admin | Self::ClusterMember | Self::DbMember)
            }
            Permission::UpdateCluster => self == Self::Admin,
            Permission::Users => matches!(self, Self::Admin | Self::UserManager),
        }
    }
}

/// Somebody who may log in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) password: Password,
    pub(crate) password_issue_date: String,
}

impl User {
    /// A user with a password of today.
    pub(crate) fn new(email: &str, name: &str, role: Role, password: &str) -> Self {
        Self {
            email: email.to_owned(),
            name: name.to_owned(),
            role,
            password: Password::new(password),
            password_issue_date: super::now(),
        }
    }

    /// As the REST API shows it, without the password.
    pub(crate) fn show(&self, uid: u32) -> Value {
        json!({
            "uid": uid,
            "email": self.email,
            "name": self.name,
            "role": self.role,
            "role_uids": [self.role.uid()],
            "auth_method": "regular",
            "status": "active",
            "email_alerts": false,
            "password_issue_date": self.password_issue_date,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_viewer_only_looks() {
        use Permission::{UpdateCluster, Users, View, WriteBdb};
        let may = |role: Role| [View, WriteBdb, UpdateCluster, Users].map(|p| role.may(p));
        assert_eq!(may(Role::Admin), [true; 4]);
        assert_eq!(may(Role::DbViewer), [true, false, false, false]);
        assert_eq!(may(Role::DbMember), [true, true, false, false]);
        assert_eq!(may(Role::UserManager), [true, false, false, true]);
        assert_eq!(may(Role::None), [false; 4]);
    }

    #[test]
    fn roles_have_numbers_both_ways() {
        for (uid, _, role) in Role::ALL {
            assert_eq!((Role::by_uid(uid), role.uid()), (Some(role), uid));
        }
        assert_eq!(serde_json::to_value(Role::DbViewer).unwrap(), "db_viewer");
    }
}
