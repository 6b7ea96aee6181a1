//! Load and simulation for the contact-centre ACD, through its public HTTP API, and for the database
//! below it.
//!
//! `run` plays a day of a contact centre in seconds; `bench` drives the API as fast as it goes;
//! `availability` asks all the time while something is broken, and tells how long that was felt. These
//! learn of assignments from the event stream, check what they saw (nobody held two contacts,
//! nothing was lost), and remove what they put into the center. `datastore`, a crate of its own, goes
//! past the ACD: it measures what the database behind its access point does with values of any size.

mod api;
mod audit;
mod availability;
mod bench;
mod checks;
mod crew;
mod feed;
mod flags;
mod run;
#[cfg(test)]
mod testing;
mod workload;

use std::process::ExitCode;

use acd_datastore::DatastoreArgs;
use acd_process::lifecycle::Lifecycle;

pub use availability::AvailabilityArgs;
pub use bench::BenchArgs;
pub use flags::Target;
pub use run::RunArgs;
pub use workload::Mix;

/// What `acd simulator` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What to do to the ACD.
#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// Simulate a contact centre: agents with random skills, and callers who arrive, wait, talk or
    /// hang up. Prints a report
    Run(RunArgs),
    /// Send requests at the maximum rate from a fixed number of clients, and report throughput and
    /// latencies. Fails if a contact is lost or an agent has two contacts
    Bench(BenchArgs),
    /// Send requests at a fixed rate during a failure, retry those that are safe to retry, and
    /// report how long the service was unavailable. Fails if an acknowledged change is lost or
    /// applied twice
    Availability(AvailabilityArgs),
    /// Measure SET and GET of the database through its access point, with values of 128 bit to 4
    /// Mbit. Writes result files and plots. Fails if GET returns a value other than the one SET
    Datastore(DatastoreArgs),
}

/// Does what `args` say, until it is done or `lifecycle` is asked to stop; either way it removes
/// its agents and prints the report so far. Failure when a check failed.
///
/// # Errors
/// When the ACD can't be reached or refuses what it must not refuse. A [`Misuse`](acd_measure::Misuse) when what `args` say
/// can't be done whoever is reached.
pub async fn run(args: Args, lifecycle: &Lifecycle) -> anyhow::Result<ExitCode> {
    let passed = match args.command {
        Command::Run(args) => run::run(args, lifecycle).await?,
        Command::Bench(args) => bench::run(args, lifecycle).await?,
        Command::Availability(args) => availability::run(args, lifecycle).await?,
        Command::Datastore(args) => acd_datastore::run(args, lifecycle).await?,
    };
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
