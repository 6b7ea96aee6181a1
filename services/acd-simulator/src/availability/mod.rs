//! `availability`: work at a fixed pace while something is broken, and what that was like.
//!
//! The load is open: each contact is due at its time, however slow the answers to the others are, so
//! that an outage is not hidden by a client who politely waits for its end. Repeated is what is safe
//! to repeat: contacts have an id or an `Idempotency-Key`, all that follows is idempotent. Two streams
//! of requests are never repeated: probes, which measure the time without service, and contacts
//! without a name, which show whether anybody on the way repeats what must not be.

mod contact;
mod ledger;
mod load;
mod once;
mod outage;
mod report;
mod tally;

use std::{sync::Arc, time::Duration};

use acd_core::{
    center::{Center, CenterSettings},
    ids::CenterId,
};
use acd_measure::{check::Check, output, progress::Ticker};
use acd_process::duration::some_time;
use acd_process::lifecycle::Lifecycle;
use anyhow::Context;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{Api, Probe},
    audit::Audit,
    checks,
    crew::{self, Crew},
    feed::Feed,
    flags::{Target, rate},
};
use load::{Load, paced};
use outage::Probed;
use report::Report;

/// How long the last calls of the load may take until nothing is amiss in the center.
const SETTLES: Duration = Duration::from_secs(15);
/// How long a center that we create keeps ended contacts at the least, in seconds: longer than all
/// that we do after their end.
const RETENTION_S: u32 = 3600;
/// The crew's skills: each of two neighbours on a ring of so many.
const SKILLS: u32 = 8;

/// What `acd simulator availability` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct AvailabilityArgs {
    #[command(flatten)]
    target: Target,
    /// Center to use; created with a short retention if it does not exist
    #[arg(long, env = "ACD_AVAILABILITY_CENTER", default_value = "availability")]
    center: CenterId,
    /// Contacts per second. Each is created, assigned, read and completed
    #[arg(long, env = "ACD_AVAILABILITY_RATE", value_name = "PER_SECOND", default_value = "100", value_parser = rate)]
    rate: f64,
    /// Contacts per second that are created without an id or key, and therefore not retried. They
    /// show whether a load balancer retries them
    #[arg(long, env = "ACD_AVAILABILITY_ONCE_RATE", value_name = "PER_SECOND", default_value = "5", value_parser = rate)]
    once_rate: f64,
    /// Interval of the probes, which measure the unavailability and are not retried
    #[arg(long, env = "ACD_AVAILABILITY_PROBE_EVERY", value_name = "TIME", default_value = "20ms", value_parser = some_time)]
    probe_every: Duration,
    /// Duration in seconds [default: until Ctrl-C]
    #[arg(long, env = "ACD_AVAILABILITY_SECONDS", value_parser = clap::value_parser!(u32).range(1..=604_800))]
    seconds: Option<u32>,
    /// Number of agents
    #[arg(long, env = "ACD_AVAILABILITY_AGENTS", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    agents: u32,
    /// Time limit of one attempt and of a probe. --retry-for limits all attempts of a call together
    #[arg(long, env = "ACD_AVAILABILITY_ATTEMPT", value_name = "TIME", default_value = "500ms", value_parser = some_time)]
    attempt: Duration,
    /// Time within which a contact must be assigned; a longer wait is a failure
    #[arg(long, env = "ACD_AVAILABILITY_ASSIGN_WITHIN", value_name = "TIME", default_value = "30s", value_parser = some_time)]
    assign_within: Duration,
    /// Fail if the service was unavailable for longer than this
    #[arg(long, env = "ACD_AVAILABILITY_MAX_GAP", value_name = "TIME", value_parser = some_time)]
    max_gap: Option<Duration>,
    /// Fail if more operations than this failed after all retries
    #[arg(long, env = "ACD_AVAILABILITY_MAX_FAILED")]
    max_failed: Option<u64>,
}

/// Works until time is up or we are asked to stop. True when nothing that was acknowledged is lost
/// or doubled, and the limits, if there are any, are kept.
pub(crate) async fn run(args: AvailabilityArgs, lifecycle: &Lifecycle) -> anyhow::Result<bool> {
    let prefix = acd_measure::prefix("avail");
    let target = &args.target;
    // Being asked to stop is how this ends, perhaps in the middle of an outage: what has begun is
    // finished as stubbornly as ever.
    let api = target.api(&args.center, CancellationToken::new())?.with_attempts_of(args.attempt);
    let api = Arc::new(api);
    eprintln!("ids begin with {prefix}, center {} at {}", args.center, target.url);

    let center = open(&api, &args).await?;
    let workers = crew::ring(&prefix, args.agents, SKILLS, 2)?;
    let needs = workers.iter().map(|worker| worker.skills.clone()).collect();
    let crew = Crew::new(Arc::clone(&api), &prefix, workers)?;
    let worked = async {
        let stopping = lifecycle.token();
        crew.hire(&stopping).await.context("create the agents")?;
        let feed =
            Feed::follow(Arc::clone(&api), crew.since(), Audit::new(crew.skills()), lifecycle);
        crew.start(&stopping).await.context("make the agents ready")?;
        let probe = Probe::new(&target.url, &args.center, args.attempt)?;
        let load = Arc::new(Load::new(&args, prefix, Arc::clone(&api), feed, needs));
        let lasted = apply(&load, &args, probe, stopping).await?;
        let retention = Duration::from_secs(center.retention_s.into());
        let checks = check(&load, retention).await;
        anyhow::Ok((load, lasted, checks))
    };
    let worked = worked.await;
    crew.dismiss().await;
    let (load, lasted, checks) = worked?;

    let report = Report::new(&args, &load, lasted, checks, lifecycle.is_stopping());
    output::print(&report, target.json)?;
    Ok(report.passed)
}

/// Works until time is up or we are asked to stop, then waits for what has begun. Gives how long the
/// load lasted.
async fn apply(
    load: &Arc<Load>,
    args: &AvailabilityArgs,
    probe: Probe,
    stopping: CancellationToken,
) -> anyhow::Result<Duration> {
    let ticker = Arc::new(Ticker::begin("availability"));
    let begun = Instant::now();
    let over = stopping.child_token();
    let every = |rate: f64| Duration::from_secs(1).div_f64(rate);

    let contacts = paced(begun, every(args.rate), over.clone(), {
        let load = Arc::clone(load);
        move |n, due| contact::live(Arc::clone(&load), n, due)
    });
    let once = paced(begun, every(args.once_rate), over.clone(), {
        let load = Arc::clone(load);
        move |n, due| contact::create_once(Arc::clone(&load), n, due)
    });
    let probes = paced(begun, args.probe_every, over.clone(), {
        let (load, ticker) = (Arc::clone(load), Arc::clone(&ticker));
        move |_, due| {
            let (load, ticker, probe) = (Arc::clone(&load), Arc::clone(&ticker), probe.clone());
            async move {
                sleep_until(due).await;
                let sent = begun.elapsed();
                let failed = probe.ask().await.err();
                let probed = Probed { sent, ended: begun.elapsed(), failed };
                let over = load.timeline().note(probed).map(ToString::to_string);
                if let Some(outage) = over {
                    ticker.say(&outage);
                }
            }
        }
    });
    let lasts = async {
        let until = args.seconds.map(|s| begun + Duration::from_secs(s.into()));
        let mut second = begun;
        while !over.is_cancelled() && until.is_none_or(|until| Instant::now() < until) {
            second += Duration::from_secs(1);
            let next = until.map_or(second, |until| until.min(second));
            let _ = timeout_at(next, over.cancelled()).await;
            ticker.tick(|| load.summary(begun));
        }
        over.cancel();
        begun.elapsed()
    };
    let (contacts, once, probes, lasted) = tokio::join!(contacts, once, probes, lasts);
    contacts.and(once).and(probes)?;
    ticker.tick(|| load.summary(begun));
    Ok(lasted)
}

/// Opens the center. One that we have to create forgets ended contacts soon after; the settings of
/// one that is there are its owner's.
async fn open(api: &Api, args: &AvailabilityArgs) -> anyhow::Result<Center> {
    let what = || format!("open center {} at {}", args.center, args.target.url);
    let there = api.center(&args.center).await.with_context(what)?;
    let retention_s = there.is_none().then_some(RETENTION_S);
    let settings = CenterSettings { open: Some(true), retention_s, ..CenterSettings::default() };
    api.put_center(&args.center, &settings).await.with_context(what)
}

/// Asks whether what we were told is how things are.
async fn check(load: &Load, retention: Duration) -> Vec<Check> {
    let api = &load.api;
    eprintln!("availability: reading every contact");
    let once = load.once.check(api, &load.once_prefix()).await;
    load.ledger.tidy(api).await;
    let mut checks = checks::of_books(api, &load.feed).await;
    checks.push(load.ledger.check(api, retention).await);
    checks.push(once);
    let wrong = load.tally.counts().wrong;
    checks.push(Check::nothing_in("every answer was possible", &wrong, "none refused".to_owned()));
    checks.push(checks::consistency_within(api, SETTLES).await);
    checks
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        availability: AvailabilityArgs,
    }

    fn parse(flags: &str) -> Result<AvailabilityArgs, clap::Error> {
        let line = std::iter::once("x").chain(flags.split_whitespace());
        Line::try_parse_from(line).map(|line| line.availability)
    }

    #[test]
    fn takes_limits_and_refuses_values_that_make_no_sense() {
        let args = parse("--max-gap 500ms --max-failed 0 --rate 50").unwrap();
        assert_eq!(args.max_gap, Some(Duration::from_millis(500)));
        assert_eq!((args.max_failed, args.seconds), (Some(0), None));
        for flags in [
            "--rate 0",
            "--seconds 0",
            "--agents 0",
            "--attempt 0s",
            "--attempt 1",
            "--probe-every 0ms",
            "--max-gap 0s",
            "--max-failed -1",
            "--center a:b",
        ] {
            assert!(parse(flags).is_err(), "{flags}");
        }
    }
}
