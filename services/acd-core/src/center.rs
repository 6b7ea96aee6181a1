//! A center (one contact centre) and its settings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ids::CenterId, time::Timestamp};

/// A center: one contact centre with its own contacts, agents, skills and events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(examples(json!({
    "id": "main", "open": true, "max_waiting": 0, "service_level_s": 20, "short_abandon_s": 5,
    "retention_s": 86400, "created_at": "2026-11-21T09:00:00.000Z"
})))]
pub struct Center {
    /// The id of the center.
    pub id: CenterId,
    /// Whether new contacts are accepted. While it is false, new contacts are `rejected`; queued
    /// contacts are still assigned.
    pub open: bool,
    /// The maximum number of queued contacts; further ones are `rejected`. 0 means no limit.
    pub max_waiting: u32,
    /// The service level threshold in seconds: the service level is the share of contacts that are
    /// answered within this time.
    pub service_level_s: u32,
    /// A contact abandoned before this many seconds is a short abandon, which the service level
    /// does not count.
    pub short_abandon_s: u32,
    /// How long an ended contact is kept, in seconds.
    pub retention_s: u32,
    /// When the center was created.
    pub created_at: Timestamp,
}

/// A change to the settings of a center. An absent setting keeps its value; in a new center it
/// gets its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CenterSettings {
    /// Whether new contacts are accepted (default true).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
    /// The maximum number of queued contacts; 0 means no limit (default 0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1_000_000)]
    pub max_waiting: Option<u32>,
    /// The service level threshold in seconds (default 20).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 3600)]
    pub service_level_s: Option<u32>,
    /// A contact abandoned before this many seconds is a short abandon (default 5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 3600)]
    pub short_abandon_s: Option<u32>,
    /// How long an ended contact is kept, in seconds (default 86400, one day).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 2_592_000)]
    pub retention_s: Option<u32>,
}
