//! Durability: what must have happened before a call is acknowledged.

use clap::ValueEnum;
use redis::RedisResult;

use crate::redis::target::Target;

/// The durability that the settings ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DurabilityChoice {
    /// `replicated` with Sentinel, and where Redis has replicas or gets some; else `local`.
    #[default]
    Auto,
    /// When a replica has everything that the answer is about: a failover loses nothing that
    /// anybody was told.
    Replicated,
    /// When the primary has done it: faster, and a failover may lose the last moments.
    Local,
}

/// The durability in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    Replicated,
    Local,
}

impl DurabilityChoice {
    /// The durability in effect on this target.
    ///
    /// # Errors
    /// When `Auto` has to ask the server for its replicas and can't.
    pub(crate) async fn resolve(self, target: &Target) -> RedisResult<Durability> {
        Ok(match self {
            Self::Replicated => Durability::Replicated,
            Self::Auto if target.has_replicas().await? => Durability::Replicated,
            Self::Local | Self::Auto => Durability::Local,
        })
    }
}
