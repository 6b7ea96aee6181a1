//! `acd dispatcher`.

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
    dispatcher: acd_dispatcher::Args,
}

pub(crate) fn run(args: Args, log: &LogArgs) -> anyhow::Result<ExitCode> {
    args.dispatcher.check(&args.redis).map_err(Usage)?;
    process::run(log, async |lifecycle| {
        let store = process::connect(&args.redis, lifecycle).await?;
        acd_dispatcher::run(args.dispatcher, store, lifecycle).await?;
        Ok(ExitCode::SUCCESS)
    })
}
