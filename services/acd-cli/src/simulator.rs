//! `acd simulator`.

use std::process::ExitCode;

use acd::telemetry::LogArgs;

use crate::process;

pub(crate) fn run(args: acd_simulator::Args, log: &LogArgs) -> anyhow::Result<ExitCode> {
    process::run(log, async |lifecycle| acd_simulator::run(args, lifecycle).await)
}
