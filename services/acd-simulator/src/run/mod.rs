//! `run`: a day of a contact centre, in seconds.

mod caller;
mod figures;
mod report;

use std::{sync::Arc, time::Duration};

use acd_core::{center::CenterSettings, ids::CenterId};
use acd_measure::{
    check::{Check, Findings},
    output,
    progress::Progress,
};
use acd_process::duration::at_most_a_day;
use acd_process::lifecycle::Lifecycle;
use anyhow::Context;
use tokio::{task::JoinSet, time::Instant};

use crate::{
    api::Api,
    audit::Audit,
    checks,
    crew::Crew,
    feed::Feed,
    flags::Target,
    workload::{Caller, Mix, Workload},
};
use caller::{Floor, Outcome};
use figures::{Figures, Thresholds};
use report::Report;

/// What `acd simulator run` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct RunArgs {
    #[command(flatten)]
    target: Target,
    /// Center to use; it is opened, and created if it does not exist
    #[arg(long, env = "ACD_SIMULATOR_CENTER", default_value = "main")]
    center: CenterId,
    /// Seed of the random numbers. The same seed gives the same agents, arrivals, talk times and
    /// patience [default: a random seed, which is printed]
    #[arg(long, env = "ACD_SIMULATOR_SEED")]
    seed: Option<u64>,
    /// Service level threshold in the report, divided by --speed. The threshold of the center is
    /// intended for talk times of minutes
    #[arg(long, env = "ACD_SIMULATOR_SERVICE_LEVEL", value_name = "TIME", default_value = "1s", value_parser = at_most_a_day)]
    service_level: Duration,
    /// A contact abandoned sooner than this is a short abandon, which the service level does not
    /// count; divided by --speed
    #[arg(long, env = "ACD_SIMULATOR_SHORT_ABANDON", value_name = "TIME", default_value = "250ms", value_parser = at_most_a_day)]
    short_abandon: Duration,
    /// Keep the agents in the center
    #[arg(long, env = "ACD_SIMULATOR_KEEP_AGENTS")]
    keep_agents: bool,
    #[command(flatten)]
    mix: Mix,
}

/// Plays until the last contact has ended or we are asked to stop. True when every check passed.
pub(crate) async fn run(args: RunArgs, lifecycle: &Lifecycle) -> anyhow::Result<bool> {
    let seed = args.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let day = Workload::draw(&args.mix, seed);
    let prefix = acd_measure::prefix("sim");
    let target = &args.target;
    let api = Arc::new(target.api(&args.center, lifecycle.token())?);
    eprintln!("seed {seed}, ids begin with {prefix}, center {} at {}", args.center, target.url);
    if day.unservable() > 0 {
        eprintln!("{} contacts need skills that no agent has", day.unservable());
    }

    let open = CenterSettings { open: Some(true), ..CenterSettings::default() };
    let opened = api.put_center(&args.center, &open).await;
    let center =
        opened.with_context(|| format!("open center {} at {}", args.center, target.url))?;
    let thresholds = Thresholds {
        service_level: args.service_level.div_f64(args.mix.speed),
        short_abandon: args.short_abandon.div_f64(args.mix.speed),
    };
    let unservable = day.unservable();
    let crew = Crew::new(Arc::clone(&api), &prefix, day.workers)?;
    let stage = Stage {
        api: Arc::clone(&api),
        prefix,
        retention: Duration::from_secs(center.retention_s.into()),
    };
    let played = stage.play(&crew, day.callers, lifecycle).await;
    if !args.keep_agents {
        crew.dismiss().await;
    }
    let played = played?;

    let report = Report {
        seed,
        center: args.center,
        contacts: args.mix.contacts,
        agents: args.mix.agents,
        unservable,
        stopped_early: lifecycle.is_stopping(),
        strangers: played.strangers,
        retries: api.retries(),
        figures: Figures::of(&played.outcomes, args.mix.agents, thresholds),
        passed: played.checks.iter().all(|check| check.passed),
        checks: played.checks,
    };
    output::print(&report, target.json)?;
    Ok(report.passed)
}

/// What there is to report on.
struct Played {
    outcomes: Vec<Outcome>,
    checks: Vec<Check>,
    strangers: usize,
}

/// Where it is played.
struct Stage {
    api: Arc<Api>,
    prefix: String,
    /// How long an ended contact can be read.
    retention: Duration,
}

impl Stage {
    /// Hires the crew, lets the contacts come, and checks what happened.
    async fn play(
        &self,
        crew: &Crew,
        callers: Vec<Caller>,
        lifecycle: &Lifecycle,
    ) -> anyhow::Result<Played> {
        let (begun, stopping) = (Instant::now(), lifecycle.token());
        crew.hire(&stopping).await.context("create the agents")?;
        let audit = Audit::new(crew.skills());
        let feed = Feed::follow(Arc::clone(&self.api), crew.since(), audit, lifecycle);
        crew.start(&stopping).await.context("make the agents ready")?;

        let floor = Floor { api: Arc::clone(&self.api), feed: feed.clone(), stopping };
        let outcomes = let_them_call(Arc::new(floor), &self.prefix, callers).await?;

        let mut failures = Findings::default();
        outcomes.iter().filter_map(|o| o.failure.clone()).for_each(|failure| failures.add(failure));
        let mut checks = checks::of_log(&self.api, &feed, begun, self.retention).await;
        checks.push(Check::nothing_in("every call succeeded", &failures, "in the end".to_owned()));
        let strangers = feed.audit().strangers();
        Ok(Played { outcomes, checks, strangers })
    }
}

/// One task a contact, from its arrival to its end.
async fn let_them_call(
    floor: Arc<Floor>,
    prefix: &str,
    callers: Vec<Caller>,
) -> anyhow::Result<Vec<Outcome>> {
    let progress = Progress::begin("contacts", callers.len() as u64);
    let mut outcomes = Vec::with_capacity(callers.len());
    let mut answered = 0;
    let mut note = |outcomes: &mut Vec<Outcome>, outcome: Outcome| {
        answered += u64::from(outcome.was_answered());
        outcomes.push(outcome);
        let done = outcomes.len() as u64;
        progress.at(done, || format!("{done} ended, {answered} of them answered"));
    };
    let begun = Instant::now();
    let mut calls = JoinSet::new();
    for (n, caller) in callers.into_iter().enumerate() {
        tokio::select! {
            () = tokio::time::sleep_until(begun + caller.arrives) => {}
            () = floor.stopping.cancelled() => break,
        }
        let id = format!("{prefix}c{:06}", n + 1).parse().context("make a contact id")?;
        calls.spawn(caller::call(Arc::clone(&floor), id, caller));
        while let Some(ended) = calls.try_join_next() {
            note(&mut outcomes, ended.context("a caller's task failed")?);
        }
    }
    while let Some(ended) = calls.join_next().await {
        note(&mut outcomes, ended.context("a caller's task failed")?);
    }
    Ok(outcomes)
}
