//! `acd api`.

use std::process::ExitCode;

use acd_process::telemetry::LogArgs;
use acd_store::RedisArgs;

use crate::{process, usage::Usage};

#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Args {
    #[command(flatten)]
    redis: RedisArgs,
    #[command(flatten)]
    api: acd_api::Args,
}

pub(crate) fn run(args: Args, log: &LogArgs) -> anyhow::Result<ExitCode> {
    args.api.limits.check_with(&args.redis).map_err(Usage)?;
    process::run(log, async |lifecycle| {
        let store = process::connect(&args.redis, lifecycle).await?;
        acd_api::run(args.api, store, lifecycle).await?;
        Ok(ExitCode::SUCCESS)
    })
}
