//! What it takes for a call to be answered.

use clap::ValueEnum;
use redis::RedisResult;

use crate::redis::target::Target;

/// When a call is answered, as asked for.
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

/// When a call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    Replicated,
    Local,
}

impl DurabilityChoice {
    /// What was asked for, on what is there.
    pub(crate) async fn resolve(self, target: &Target) -> RedisResult<Durability> {
        Ok(match self {
            Self::Replicated => Durability::Replicated,
            Self::Auto if target.has_replicas().await? => Durability::Replicated,
            Self::Local | Self::Auto => Durability::Local,
        })
    }
}
