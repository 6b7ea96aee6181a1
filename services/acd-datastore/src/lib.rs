//! `acd simulator datastore`: what the database does with values of each size, measured through its
//! single access point.
//!
//! As the field measures it: one size after the other, first SET, then GET, each for a fixed time,
//! every client with its next operation as soon as the last one was answered. Nothing is repeated. A
//! failure is counted by its kind, the client connects again and goes on, so that a failover is in
//! the figures as what it is.

mod args;
mod client;
mod content;
mod plot;
mod report;
mod results;
mod size;
mod tally;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use acd_measure::{Misuse, output, progress::Progress};
use acd_process::lifecycle::Lifecycle;
use acd_store::{Fault, ValueError, Values};
use anyhow::{Context, anyhow};
use futures_util::future::join_all;
use tokio::{task::JoinSet, time::Instant};

pub use self::args::DatastoreArgs;
use self::{
    client::{Client, Phase},
    report::Report,
    results::Output,
    tally::{Counts, Operation, Row},
};

/// So many keys are tried before anything is measured: on a cluster each primary gets some.
const TRIED: u32 = 16;
/// The time between two looks at how far we are.
const LOOK: Duration = Duration::from_millis(500);

/// Measures until all sizes are done or we are asked to stop. True when GET gave what SET had
/// written, always, and there is a figure for every size.
///
/// # Errors
/// When the database can't be reached or the results can't be written. A [`Misuse`] when what `args`
/// say can't be done whatever database is reached.
pub async fn run(args: DatastoreArgs, lifecycle: &Lifecycle) -> anyhow::Result<bool> {
    let output = Output::find(&args)?;
    let prefix = acd_measure::prefix("acd-datastore");
    let connect = || {
        let values = Values::new(&args.redis, args.timeout);
        values.map_err(|error| Misuse(format!("the Redis settings: {error:#}")))
    };
    let tried = try_keys(&mut connect()?, &prefix).await;
    tried.map_err(|error| anyhow!("can't use the database: {}", in_one_line(&error)))?;

    output.create()?;
    let smallest = args.sizes.iter().next().context("there is a size")?;
    let mut clients = Vec::new();
    for number in 1..=args.clients {
        let keys = (0..args.keys).map(|key| format!("{prefix}{number}-{key}"));
        let files = output.of_client(number)?;
        clients.push(Client::new(number, connect()?, keys, smallest, files));
    }
    let sizes = args.sizes.len() as u64;
    eprintln!(
        "keys begin with {prefix}, results go to {}; sizes: {sizes}, SET and GET, {} s each: {} s in all",
        output.directory().display(),
        args.seconds,
        sizes * 2 * u64::from(args.seconds)
    );
    let measured = measure(&args, &output, &mut clients, lifecycle).await;
    let keys_left = join_all(clients.iter_mut().map(Client::tidy)).await.into_iter().sum();
    if keys_left > 0 {
        eprintln!("{keys_left} keys that begin with {prefix} could not be removed");
    }
    let rows = measured?;
    if let Some(plots) = plot::draw(&rows, args.clients)? {
        output.plot(results::THROUGHPUT, &plots.throughput)?;
        output.plot(results::LATENCY, &plots.latency)?;
    }
    let report = Report::new(&args, rows, keys_left, lifecycle.is_stopping());
    output::print(&report, args.json)?;
    Ok(report.passed)
}

/// Sets, gets and removes a few values: a wrong address or password is told before anything begins.
async fn try_keys(values: &mut Values, prefix: &str) -> Result<(), ValueError> {
    for key in 0..TRIED {
        let key = format!("{prefix}try-{key}");
        values.set(&key, b"try").await?;
        values.get(&key).await?;
        values.remove(&key).await?;
    }
    Ok(())
}

fn in_one_line(error: &ValueError) -> String {
    let said = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    match error.fault {
        Fault::Moved => format!("{said} (this is a cluster: redis+cluster://)"),
        _ => said,
    }
}

/// Sets and gets one size after the other. Gives a row for each, of all clients together.
async fn measure(
    args: &DatastoreArgs,
    output: &Output,
    clients: &mut Vec<Client>,
    lifecycle: &Lifecycle,
) -> anyhow::Result<Vec<Row>> {
    let mut together = if args.clients > 1 { Some(output.of_all()?) } else { None };
    let lasts = Duration::from_secs(args.seconds.into());
    let stopping = lifecycle.token();
    let phases =
        args.sizes.iter().flat_map(|size| Operation::ALL.map(|operation| (size, operation)));
    let total = ms(lasts) * 2 * args.sizes.len() as u64;
    let progress = Progress::begin("datastore", total);
    let mut rows = Vec::new();
    for (number, (size, operation)) in (0..).zip(phases) {
        match operation {
            Operation::Set => clients.iter_mut().for_each(|client| client.resize(size)),
            Operation::Get => {
                join_all(clients.iter_mut().map(|client| client.fill(&stopping))).await;
            }
        }
        if lifecycle.is_stopping() {
            break;
        }
        let phase = Arc::new(Phase {
            operation,
            size,
            begun: Instant::now(),
            lasts,
            stopping: stopping.clone(),
            done: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        });
        let counts = apply(clients, &phase, &progress, number * ms(lasts)).await?;
        let row = Row::new(operation, size, &counts);
        if let Some(sheets) = &mut together {
            sheets[operation as usize].row(&row).context("write the results")?;
        }
        rows.push(row);
    }
    // The last one may have been cut short before it had begun.
    rows.retain(|row| row.operations + row.errors > 0);
    Ok(rows)
}

/// Lets the clients work through a phase, each writing its results down.
async fn apply(
    clients: &mut Vec<Client>,
    phase: &Arc<Phase>,
    progress: &Progress,
    before_ms: u64,
) -> anyhow::Result<Counts> {
    let mut working = JoinSet::new();
    for client in clients.drain(..) {
        working.spawn(client.work(Arc::clone(phase)));
    }
    let (mut counts, mut failure) = (Counts::default(), None);
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            _ = look.tick() => show(phase, progress, before_ms),
            ended = working.join_next() => {
                let Some(ended) = ended else { break };
                let (mut client, worked) = ended.context("a client's task failed")?;
                let worked = worked.and_then(|done| {
                    let row = Row::new(phase.operation, phase.size, &done);
                    client.files.last(phase.operation).row(&row).context("write the results")?;
                    Ok(done)
                });
                match worked {
                    Ok(done) => counts.merge(&done),
                    Err(error) => failure = Some(error),
                }
                clients.push(client);
            }
        }
    }
    failure.map_or(Ok(counts), Err)
}

fn show(phase: &Phase, progress: &Progress, before_ms: u64) {
    let (done, failed) = (&phase.done, &phase.failed);
    progress.at(before_ms + ms(phase.begun.elapsed().min(phase.lasts)), || {
        let (done, failed) = (done.load(Ordering::Relaxed), failed.load(Ordering::Relaxed));
        format!("{} {}: {done} done, {failed} failed", phase.operation, phase.size)
    });
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
