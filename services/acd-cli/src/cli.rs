//! The command line.

use std::process::ExitCode;

use acd_process::telemetry::LogArgs;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind};

use crate::{api, dispatcher, healthcheck, openapi, reference, simulator, standalone, usage};

/// An ACD (automatic contact distributor) for contact centres, on Redis.
///
/// Each flag can also be set by the environment variable shown beside it, or by a line in the file
/// `.env` in the working directory. A flag overrides the environment; the environment overrides
/// `.env`.
#[derive(Debug, Parser)]
#[command(name = "acd", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    log: LogArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the REST API
    Api(api::Args),
    /// Run the dispatcher, which assigns contacts to agents
    Dispatcher(dispatcher::Args),
    /// Generate load on a running API, or measure the database
    Simulator(acd_simulator::Args),
    /// Run the API, the dispatcher and a Redis on this machine, to try the ACD
    Standalone(standalone::Args),
    /// Print the OpenAPI document of the API
    Openapi,
    /// Write the generated tables of the pages in docs/reference
    #[command(hide = true)]
    Reference(reference::Args),
    /// Check the health of a running process; the exit code is 0 (healthy) or 1
    Healthcheck(healthcheck::Args),
}

/// Reads the command line and the environment. Help and version are printed here.
pub(crate) fn parse() -> anyhow::Result<Cli> {
    let parsed = Cli::command().try_get_matches().and_then(|matches| {
        let mut cli = Cli::from_arg_matches(&matches)?;
        if let (Command::Standalone(args), Some((_, matches))) =
            (&mut cli.command, matches.subcommand())
        {
            args.note_sources(matches);
        }
        Ok(cli)
    });
    parsed.map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => error.exit(),
        _ => usage::condense(&error, Cli::command()).into(),
    })
}

impl Cli {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Api(args) => api::run(args, &self.log),
            Command::Dispatcher(args) => dispatcher::run(args, &self.log),
            Command::Simulator(args) => simulator::run(args, &self.log),
            Command::Standalone(args) => standalone::run(args, &self.log),
            Command::Openapi => openapi::run(),
            Command::Reference(args) => reference::run(&args, Cli::command()),
            Command::Healthcheck(args) => healthcheck::run(&args),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
