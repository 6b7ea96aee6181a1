//! Defaults for new databases.

use serde::{Deserialize, Serialize};

/// What the `cluster_settings` object has of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_field_names, reason = "the names of the REST API")]
pub(crate) struct Policy {
    pub(crate) default_sharded_proxy_policy: ProxyPolicy,
    pub(crate) default_non_sharded_proxy_policy: ProxyPolicy,
    pub(crate) default_shards_placement: Placement,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            default_sharded_proxy_policy: ProxyPolicy::AllMasterShards,
            default_non_sharded_proxy_policy: ProxyPolicy::Single,
            default_shards_placement: Placement::Dense,
        }
    }
}

/// On which nodes a database can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ProxyPolicy {
    Single,
    AllMasterShards,
    AllNodes,
}

/// How shards are spread over nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Placement {
    Dense,
    Sparse,
}
