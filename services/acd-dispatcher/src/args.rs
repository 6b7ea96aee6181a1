//! The dispatcher's settings.

use std::{fmt, net::SocketAddr, str::FromStr, time::Duration};

use acd_process::duration::duration;
use acd_store::RedisArgs;

use crate::limits::{AROUND_A_TURN, BUDGET, BUDGET_RANGE, SLEEP_RANGE};

/// Where to listen, or `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen(Option<SocketAddr>);

impl Listen {
    /// Nowhere.
    pub const NONE: Self = Self(None);

    /// The address to bind, if any.
    pub fn address(self) -> Option<SocketAddr> {
        self.0
    }
}

impl FromStr for Listen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if matches!(text, "none" | "") {
            return Ok(Self::NONE);
        }
        let address = text.parse().map_err(|_| "expected ADDRESS:PORT, or `none`")?;
        Ok(Self(Some(address)))
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(f),
            None => f.write_str("none"),
        }
    }
}

/// How a dispatcher works, apart from the Redis that it works on.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Dispatcher")]
#[group(skip)]
pub struct Args {
    /// Address and port of the dispatcher's /healthz, /readyz and /metrics, or `none`
    #[arg(long, env = "ACD_DISPATCHER_LISTEN", value_name = "ADDRESS:PORT")]
    #[arg(default_value = "0.0.0.0:8001")]
    pub dispatcher_listen: Listen,

    /// Maximum work of one run of the dispatch script (items examined and assignments made). A
    /// smaller value blocks Redis for a shorter time, a larger value needs fewer calls
    #[arg(long, env = "ACD_DISPATCH_BUDGET", value_name = "N")]
    #[arg(default_value_t = BUDGET, value_parser = clap::value_parser!(u32).range(i64::from(BUDGET_RANGE.0)..=i64::from(BUDGET_RANGE.1)))]
    pub dispatch_budget: u32,

    /// Maximum time between two runs of the dispatch script, in case a wake-up was lost: 10ms to 5s
    #[arg(long, env = "ACD_DISPATCH_MAX_SLEEP", value_name = "DURATION")]
    #[arg(default_value = "1s", value_parser = sleep)]
    pub dispatch_max_sleep: Duration,

    /// /healthz fails if a dispatch loop has not completed an iteration for this time. An iteration
    /// is one sleep, one call (up to the Redis deadline) and up to 5s of other work
    #[arg(long, env = "ACD_DISPATCH_STALLED_AFTER", value_name = "DURATION")]
    #[arg(default_value = "10s", value_parser = duration)]
    pub dispatch_stalled_after: Duration,
}

impl Args {
    /// Refuses settings that contradict each other.
    ///
    /// # Errors
    /// A sentence that says which.
    pub fn check(&self, redis: &RedisArgs) -> Result<(), String> {
        let (stalled, sleep) = (self.dispatch_stalled_after, self.dispatch_max_sleep);
        let deadline = redis.redis_deadline;
        if stalled < sleep + deadline + AROUND_A_TURN {
            return Err(format!(
                "ACD_DISPATCH_STALLED_AFTER ({stalled:?}) is too short: a loop that sleeps for \
                 ACD_DISPATCH_MAX_SLEEP ({sleep:?}) and tries for ACD_REDIS_DEADLINE \
                 ({deadline:?}), and takes {AROUND_A_TURN:?} around them, would look stalled"
            ));
        }
        Ok(())
    }
}

fn sleep(text: &str) -> Result<Duration, String> {
    let value = duration(text)?;
    if (SLEEP_RANGE.0..=SLEEP_RANGE.1).contains(&value) {
        Ok(value)
    } else {
        Err("expected 10ms to 5s".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::limits;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    fn parse(line: &str) -> Result<Args, clap::Error> {
        let words = std::iter::once("dispatcher").chain(line.split_whitespace());
        Cli::try_parse_from(words).map(|cli| cli.args)
    }

    #[test]
    fn listens_nowhere_when_told_so() {
        let args = parse("--dispatcher-listen none").unwrap();
        assert_eq!(args.dispatcher_listen, Listen::NONE);
        assert_eq!(args.dispatch_max_sleep, limits::MAX_SLEEP);
        assert_eq!(args.dispatch_stalled_after, limits::STALLED_AFTER);
        assert!(parse("--dispatcher-listen 8001").is_err());
    }

    #[test]
    fn refuses_a_watchdog_that_would_bite_a_sleeper() {
        let redis = RedisArgs::at("redis://localhost");
        assert_eq!(parse("").unwrap().check(&redis), Ok(()));
        let args = parse("--dispatch-max-sleep 4s").unwrap();
        assert!(args.check(&redis).unwrap_err().contains("ACD_DISPATCH_MAX_SLEEP (4s)"));
        assert!(parse("--dispatch-max-sleep 6s").is_err());
        assert!(parse("--dispatch-budget 0").is_err());
    }
}
