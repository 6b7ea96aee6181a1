//! `acd simulator`.

use std::process::ExitCode;

use acd_measure::Misuse;
use acd_process::telemetry::LogArgs;

use crate::{process, usage::Usage};

pub(crate) fn run(args: acd_simulator::Args, log: &LogArgs) -> anyhow::Result<ExitCode> {
    let ended = process::run(log, async |lifecycle| acd_simulator::run(args, lifecycle).await);
    ended.map_err(|error| match error.downcast::<Misuse>() {
        Ok(misuse) => Usage(misuse.to_string()).into(),
        Err(error) => error,
    })
}
