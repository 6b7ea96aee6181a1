//! The trial licence that every new cluster has.

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Shards that the trial allows, replicas included.
pub(crate) const TRIAL_SHARDS: usize = 4;

/// For whom and until when.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct License {
    cluster: String,
    activated: Timestamp,
    expires: Timestamp,
}

impl License {
    /// One for `days` from now; it has ended when there are none.
    pub(crate) fn trial(cluster: &str, days: u32) -> Self {
        let activated = Timestamp::now();
        let expires = activated + (24 * i64::from(days)).hours();
        Self { cluster: cluster.to_owned(), activated, expires }
    }

    /// Whether it has ended.
    pub(crate) fn expired(&self) -> bool {
        Timestamp::now() >= self.expires
    }

    /// As the REST API shows it.
    pub(crate) fn show(&self, shards: usize) -> Value {
        let at = |instant: Timestamp| instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        json!({
            "license": "",
            "key": "",
            "cluster_name": self.cluster,
            "owner": "trial of the emulator",
            "expired": self.expired(),
            "activation_date": at(self.activated),
            "expiration_date": at(self.expires),
            "shards_limit": TRIAL_SHARDS,
            "ram_shards_limit": TRIAL_SHARDS,
            "ram_shards_in_use": shards,
            "flash_shards_limit": 0,
            "flash_shards_in_use": 0,
            "features": ["trial"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_after_its_days() {
        assert!(!License::trial("a", 30).expired());
        assert!(License::trial("a", 0).expired());
    }
}
