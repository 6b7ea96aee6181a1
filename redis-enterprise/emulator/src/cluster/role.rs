//! Roles, and the permissions that they give.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Cluster;

/// What a role allows in the management of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Management {
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
    /// `create_role`, `update_role`, `delete_role`.
    WriteRoles,
}

impl Management {
    /// Whether a user with this role has the permission.
    pub(crate) fn may(self, permission: Permission) -> bool {
        match permission {
            Permission::View => self != Self::None,
            Permission::WriteBdb => {
                matches!(self, Self::Admin | Self::ClusterMember | Self::DbMember)
            }
            Permission::UpdateCluster => self == Self::Admin,
            Permission::Users | Permission::WriteRoles => {
                matches!(self, Self::Admin | Self::UserManager)
            }
        }
    }
}

/// A role: a name for a set of permissions. Several roles may have the same permissions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) management: Management,
}

impl Role {
    /// The uid of the only role that a new cluster has.
    pub(crate) const ADMIN: u32 = 1;

    /// The role with the uid [`Role::ADMIN`].
    pub(crate) fn admin() -> Self {
        Self { name: "Admin".to_owned(), management: Management::Admin }
    }

    /// The role object of the REST API.
    pub(crate) fn show(&self, uid: u32) -> Value {
        json!({ "uid": uid, "name": self.name, "management": self.management })
    }
}

impl Cluster {
    /// What the roles of a user allow.
    pub(crate) fn managements(&self, user: u32) -> Vec<Management> {
        let uids = self.users.get(&user).map_or(&[][..], |user| &user.role_uids);
        uids.iter().filter_map(|uid| self.roles.get(uid)).map(|role| role.management).collect()
    }

    /// Whether any user is an administrator.
    pub(crate) fn has_admin(&self) -> bool {
        self.users.keys().any(|user| self.managements(*user).contains(&Management::Admin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_viewer_only_looks() {
        use Permission::{UpdateCluster, Users, View, WriteBdb, WriteRoles};
        let all = [View, WriteBdb, UpdateCluster, Users, WriteRoles];
        let may = |management: Management| all.map(|permission| management.may(permission));
        assert_eq!(may(Management::Admin), [true; 5]);
        assert_eq!(may(Management::DbViewer), [true, false, false, false, false]);
        assert_eq!(may(Management::DbMember), [true, true, false, false, false]);
        assert_eq!(may(Management::UserManager), [true, false, false, true, true]);
        assert_eq!(may(Management::None), [false; 5]);
        assert_eq!(serde_json::to_value(Management::DbViewer).unwrap(), "db_viewer");
    }
}
