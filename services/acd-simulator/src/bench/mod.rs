//! `bench`: a fixed number of clients, each as fast as it goes.

mod client;
mod load;
mod report;
mod tally;

use std::{sync::Arc, time::Duration};

use acd_core::{
    center::{Center, CenterSettings},
    ids::{CenterId, ContactId},
    skill::MAX_SKILLS,
};
use acd_measure::{
    check::{Check, Findings},
    output,
    progress::Progress,
};
use acd_process::duration::{at_most_a_day, some_time};
use acd_process::lifecycle::Lifecycle;
use anyhow::Context;
use clap::ValueEnum;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use tokio::{task::JoinSet, time::Instant};

use crate::{
    api::{Api, Ending},
    audit::Audit,
    checks,
    crew::{self, Crew},
    feed::Feed,
    flags::{Target, rate},
};
use client::Client;
use load::Load;
use report::Report;

/// So many calls at once while tidying up.
const AT_ONCE: usize = 32;

/// What each client does, again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Creates a contact, waits for its agent, completes it
    Lifecycle,
    /// Creates contacts that nobody can serve (they are canceled at the end)
    Create,
    /// POST /bench, a constant: what HTTP alone costs (the API needs `ACD_BENCH_ROUTE=true`)
    Constant,
}

/// What `acd simulator bench` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    #[command(flatten)]
    target: Target,
    /// Center to use; created with a short retention if it does not exist
    #[arg(long, env = "ACD_BENCH_CENTER", default_value = "bench")]
    center: CenterId,
    /// Requests that each client repeats
    #[arg(long, env = "ACD_BENCH_MODE", value_enum, default_value = "lifecycle")]
    mode: Mode,
    /// Number of concurrent clients
    #[arg(long, env = "ACD_BENCH_CLIENTS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    clients: u32,
    /// Duration in seconds
    #[arg(long, env = "ACD_BENCH_SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    seconds: u32,
    /// Time at the beginning that is not counted
    #[arg(long, env = "ACD_BENCH_WARMUP", value_name = "TIME", default_value = "1s", value_parser = at_most_a_day)]
    warmup: Duration,
    /// Number of agents. With fewer agents than clients, contacts wait
    #[arg(long, env = "ACD_BENCH_AGENTS", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    agents: u32,
    /// Number of different skills
    #[arg(long, env = "ACD_BENCH_SKILLS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    skills: u32,
    /// Number of skills of each agent and of each contact
    #[arg(long, env = "ACD_BENCH_SKILLS_EACH", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=MAX_SKILLS as i64))]
    skills_each: u32,
    /// Maximum rate of all clients together [default: unlimited]
    #[arg(long, env = "ACD_BENCH_RATE", value_name = "PER_SECOND", value_parser = rate)]
    rate: Option<f64>,
    /// Time within which a contact must be assigned; a longer wait is a failure
    #[arg(long, env = "ACD_BENCH_ASSIGN_WITHIN", value_name = "TIME", default_value = "30s", value_parser = some_time)]
    assign_within: Duration,
    /// Seed of the choice of skills [default: a random seed, which is printed]
    #[arg(long, env = "ACD_BENCH_SEED")]
    seed: Option<u64>,
    /// Keep the agents in the center
    #[arg(long, env = "ACD_BENCH_KEEP_AGENTS")]
    keep_agents: bool,
    /// Keep the contacts of `--mode create` in the queue
    #[arg(long, env = "ACD_BENCH_KEEP_CONTACTS")]
    keep_contacts: bool,
}

/// Loads the ACD until time is up or we are asked to stop. True when every check passed.
pub(crate) async fn run(args: BenchArgs, lifecycle: &Lifecycle) -> anyhow::Result<bool> {
    let seed = args.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let prefix = acd_measure::prefix("bench");
    let target = &args.target;
    let api = Arc::new(target.api(&args.center, lifecycle.token())?);
    eprintln!("seed {seed}, ids begin with {prefix}, center {} at {}", args.center, target.url);

    let workers = match args.mode {
        Mode::Lifecycle => crew::ring(&prefix, args.agents, args.skills, args.skills_each)?,
        Mode::Create | Mode::Constant => Vec::new(),
    };
    let crew = Crew::new(Arc::clone(&api), &prefix, workers)?;
    let benched = bench(&args, seed, &prefix, Arc::clone(&api), &crew, lifecycle).await;
    if !args.keep_agents && crew.len() > 0 {
        crew.dismiss().await;
    }
    let (load, checks) = benched?;
    let report = Report::new(&args, seed, &load, checks, api.retries(), lifecycle.is_stopping());
    output::print(&report, target.json)?;
    Ok(report.passed)
}

/// The load from its beginning to its last check.
async fn bench(
    args: &BenchArgs,
    seed: u64,
    prefix: &str,
    api: Arc<Api>,
    crew: &Crew,
    lifecycle: &Lifecycle,
) -> anyhow::Result<(Arc<Load>, Vec<Check>)> {
    let stopping = lifecycle.token();
    let begun = Instant::now();
    let mut feed = None;
    let mut retention = Duration::ZERO;
    if args.mode != Mode::Constant {
        retention = Duration::from_secs(open(&api, args).await?.retention_s.into());
    }
    if args.mode == Mode::Lifecycle {
        crew.hire(&stopping).await.context("create the agents")?;
        let audit = Audit::new(crew.skills());
        feed = Some(Feed::follow(Arc::clone(&api), crew.since(), audit, lifecycle));
        crew.start(&stopping).await.context("make the agents ready")?;
    }
    let workers = crew::ring(prefix, args.agents, args.skills, args.skills_each)?;
    let needs = workers.into_iter().map(|worker| worker.skills).collect();
    let load = Load {
        mode: args.mode,
        api: Arc::clone(&api),
        feed: feed.clone(),
        needs,
        prefix: prefix.to_owned(),
        seed,
        clients: args.clients,
        rate: args.rate,
        assign_within: args.assign_within,
        stopping,
        begun: Instant::now(),
        warmup: args.warmup,
        lasts: Duration::from_secs(args.seconds.into()),
        tally: tally::Tally::default(),
    };
    let load = Arc::new(load);
    let created = apply(&load).await?;

    let mut checks = match (&feed, args.mode) {
        (Some(feed), _) => checks::of_log(&api, feed, begun, retention).await,
        (None, Mode::Create) => {
            let waiting = checks::all_waiting(&api, &created).await;
            vec![waiting, checks::consistency(&api).await]
        }
        (None, _) => Vec::new(),
    };
    if args.mode == Mode::Create && !args.keep_contacts {
        cancel(&api, &created).await;
    }
    let failures: Findings = load.tally.failures();
    checks.push(Check::nothing_in("every call succeeded", &failures, "in the end".to_owned()));
    Ok((load, checks))
}

/// Lets the clients work until it is over. Gives the contacts of `--mode create`.
async fn apply(load: &Arc<Load>) -> anyhow::Result<Vec<ContactId>> {
    let total = load.warmup + load.lasts;
    let total = u64::try_from(total.as_millis()).unwrap_or(u64::MAX);
    let progress = Arc::new(Progress::begin("bench", total));
    let mut clients = JoinSet::new();
    for number in 0..load.clients {
        let client = Client::new(Arc::clone(load), number, Arc::clone(&progress));
        clients.spawn(client.work());
    }
    let mut created = Vec::new();
    while let Some(ended) = clients.join_next().await {
        created.extend(ended.context("a client's task failed")?);
    }
    load.tally.end(load.begun.elapsed());
    Ok(created)
}

/// Opens the center. One that we have to create forgets ended contacts soon after the bench;
/// the settings of one that is there are its owner's.
async fn open(api: &Api, args: &BenchArgs) -> anyhow::Result<Center> {
    let what = || format!("open center {} at {}", args.center, args.target.url);
    let there = api.center(&args.center).await.with_context(what)?;
    let lasts = args.seconds.saturating_add(u32::try_from(args.warmup.as_secs()).unwrap_or(0));
    let retention_s = there.is_none().then(|| lasts + 600);
    let settings = CenterSettings { open: Some(true), retention_s, ..CenterSettings::default() };
    api.put_center(&args.center, &settings).await.with_context(what)
}

/// Cancels what was left waiting.
async fn cancel(api: &Api, contacts: &[ContactId]) {
    eprintln!("canceling {} contacts", contacts.len());
    let mut failed = stream::iter(contacts)
        .map(|id| api.end(id, Ending::Cancel))
        .buffer_unordered(AT_ONCE)
        .filter_map(async |ended| ended.err())
        .boxed();
    let Some(first) = failed.next().await else {
        return;
    };
    let more = failed.count().await;
    tracing::warn!(contacts = more + 1, error = %first, "contacts could not be canceled");
}

#[cfg(test)]
mod tests;
