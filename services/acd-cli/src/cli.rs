//! The command line.

use std::process::ExitCode;

use acd_process::telemetry::LogArgs;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind};

use crate::{api, dispatcher, healthcheck, openapi, reference, simulator, standalone, usage};

/// A contact-centre ACD (automatic contact distributor) on Redis.
///
/// Every flag may also be given as the environment variable shown beside it, or as a line in a file
/// `.env` in the working directory; a flag wins over the environment, the environment over `.env`.
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
    /// Serve the REST API
    Api(api::Args),
    /// Route contacts to agents
    Dispatcher(dispatcher::Args),
    /// Play the callers and the agents, against the API, or measure the database
    Simulator(acd_simulator::Args),
    /// API, dispatcher and a Redis of its own on this machine: all one needs to try it
    Standalone(standalone::Args),
    /// Print the OpenAPI document of the API
    Openapi,
    /// Write the tables of pages of docs/reference that are made from the code
    #[command(hide = true)]
    Reference(reference::Args),
    /// Ask a running acd whether it is healthy: exit code 0 or 1
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
            Command::Reference(args) => reference::run(&args),
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
