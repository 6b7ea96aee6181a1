//! What `acd simulator datastore` takes.

use std::{path::PathBuf, time::Duration};

use acd_process::duration::some_time;
use acd_store::RedisArgs;
use clap::Arg;

use crate::size::Sizes;

/// What `acd simulator datastore` takes.
#[derive(Clone, Debug, clap::Args)]
#[command(mut_args(only_the_way_there))]
pub struct DatastoreArgs {
    /// Duration in seconds of the SET phase and of the GET phase of each size. All 16 sizes take 32
    /// times as long
    #[arg(long, env = "ACD_DATASTORE_SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// Sizes of the values, as a list of sizes and ranges such as `128bit,1Kbit..64Kbit`. A size is a
    /// power of two from 128bit to 4Mbit; 1 Kbit is 1024 bit
    #[arg(long, env = "ACD_DATASTORE_SIZES", default_value = "128bit..4Mbit")]
    pub(crate) sizes: Sizes,
    /// Number of concurrent clients. Each has its own connection and its own result files
    #[arg(long, env = "ACD_DATASTORE_CLIENTS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) clients: u32,
    /// Number of keys that each client uses in turn. On a cluster they are distributed over the
    /// primaries. 32 keys of a client take up to 16 MiB of the database's memory
    #[arg(long, env = "ACD_DATASTORE_KEYS", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) keys: u32,
    /// Time limit of one SET or GET
    #[arg(long, env = "ACD_DATASTORE_TIMEOUT", value_name = "TIME", default_value = "3s", value_parser = some_time)]
    pub(crate) timeout: Duration,
    /// Directory for results and plots; created if it does not exist
    #[arg(
        long,
        env = "ACD_DATASTORE_OUTPUT",
        value_name = "DIR",
        default_value = "datastore-results"
    )]
    pub(crate) output: PathBuf,
    /// Replace the results of an earlier run in that directory; otherwise they are an error
    #[arg(long, env = "ACD_DATASTORE_OVERWRITE")]
    pub(crate) overwrite: bool,
    /// Print the report as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    // The last, for its heading is that of all that follows.
    #[command(flatten)]
    pub(crate) redis: RedisArgs,
}

/// Hides what the ACD's own processes want to know of their Redis: here it means nothing.
fn only_the_way_there(arg: Arg) -> Arg {
    let id = arg.get_id().as_str();
    let needless = !id.starts_with("redis_") || id == "redis_deadline";
    let of_redis = arg.get_help_heading() == Some("Redis");
    arg.hide(of_redis && needless)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        datastore: DatastoreArgs,
    }

    fn parse(flags: &str) -> Result<DatastoreArgs, clap::Error> {
        let line = std::iter::once("x").chain(flags.split_whitespace());
        Line::try_parse_from(line).map(|line| line.datastore)
    }

    #[test]
    fn takes_what_the_field_takes_and_refuses_what_makes_no_sense() {
        let args = parse("--seconds 60").unwrap();
        assert_eq!((args.seconds, args.clients, args.sizes.len()), (60, 1, 16));
        for flags in [
            "--seconds 0",
            "--seconds 1.5",
            "--clients 0",
            "--clients 1001",
            "--keys 0",
            "--timeout 0s",
            "--timeout 3",
            "--sizes 100bit",
            "--sizes 8Mbit",
        ] {
            assert!(parse(flags).is_err(), "{flags}");
        }
    }

    #[test]
    fn help_shows_how_to_find_redis_and_nothing_of_the_acd() {
        let help = Line::command().render_long_help().to_string();
        for needed in ["--redis-url", "--redis-ca-file", "--seconds", "--sizes", "--output"] {
            assert!(help.contains(needed), "{needed}: {help}");
        }
        for needless in ["--partitions", "--documents", "--redis-deadline"] {
            assert!(!help.contains(needless), "{needless}: {help}");
        }
    }
}
