//! A contact centre and its settings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ids::CenterId, time::Timestamp};

/// One contact centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Center {
    /// Its name.
    pub id: CenterId,
    /// False: new contacts are rejected; those that wait are still served.
    pub open: bool,
    /// The most contacts that may wait at once, 0 for no limit.
    pub max_waiting: u32,
    /// The T of service level(T), in seconds.
    pub service_level_s: u32,
    /// Who leaves before this many seconds counts neither for nor against the service level.
    pub short_abandon_s: u32,
    /// How long an ended contact can still be read, in seconds.
    pub retention_s: u32,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Settings to change; what is left out stays as it is, or takes its default in a new center.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CenterSettings {
    /// Whether new contacts are taken (default true).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
    /// The most contacts that may wait at once, 0 for no limit (default 0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1_000_000)]
    pub max_waiting: Option<u32>,
    /// The T of service level(T), in seconds (default 20).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 3600)]
    pub service_level_s: Option<u32>,
    /// Who leaves before this many seconds is a short abandon (default 5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 3600)]
    pub short_abandon_s: Option<u32>,
    /// How long an ended contact can still be read, in seconds (default 86400, a day).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 2_592_000)]
    pub retention_s: Option<u32>,
}
