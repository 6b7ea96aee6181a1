//! What a node's folders and processes are called.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// Beside a shard's data: which copy of what it is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ShardNote {
    pub(crate) group: String,
}

/// The folder of the configuration store.
pub(crate) fn ccs_dir(settings: &Settings) -> PathBuf {
    settings.persist.join("ccs")
}

/// The folder of the sentinel.
pub(crate) fn sentinel_dir(settings: &Settings) -> PathBuf {
    settings.persist.join("sentinel")
}

/// The folder with the folders of the shards.
pub(crate) fn shards_dir(settings: &Settings) -> PathBuf {
    settings.persist.join("redis")
}

/// What a shard's process and folder are called.
pub(crate) fn shard_name(uid: u32) -> String {
    format!("redis-{uid}")
}
