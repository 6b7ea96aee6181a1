//! What `datastore` says at the end.

use std::{fmt, path::PathBuf};

use acd_measure::{
    check::{Check, Findings, list},
    table::{Table, short},
};
use serde::Serialize;

use crate::{
    args::DatastoreArgs,
    tally::{MISSING, OLDER, Operation, Row, WRONG},
};

/// Everything worth knowing of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    clients: u32,
    seconds: u32,
    keys: u32,
    stopped_early: bool,
    output: PathBuf,
    /// Of all clients together, as they were measured.
    rows: Vec<Row>,
    /// Keys that could not be removed.
    keys_left: usize,
    checks: Vec<Check>,
    /// Every check passed.
    pub(crate) passed: bool,
}

impl Report {
    pub(crate) fn new(
        args: &DatastoreArgs,
        rows: Vec<Row>,
        keys_left: usize,
        stopped_early: bool,
    ) -> Self {
        let checks = vec![right(&rows), measured(&rows)];
        Self {
            clients: args.clients,
            seconds: args.seconds,
            keys: args.keys,
            stopped_early,
            output: args.output.clone(),
            rows,
            keys_left,
            passed: checks.iter().all(|check| check.passed),
            checks,
        }
    }
}

/// How many clients, in words.
pub(crate) fn clients(count: u32) -> String {
    if count == 1 { "1 client".to_owned() } else { format!("{count} clients") }
}

/// Whether GET gave what SET had written.
fn right(rows: &[Row]) -> Check {
    let mut found = Findings::default();
    let gets = rows.iter().filter(|row| row.operation == Operation::Get);
    for row in gets.clone() {
        for (kind, what) in [
            (MISSING, "an acknowledged value is not there"),
            (OLDER, "an acknowledged value is not there, but one from before"),
            (WRONG, "nobody wrote the value that is there"),
        ] {
            let times = row.errors_by_kind.get(kind).copied().unwrap_or(0);
            for _ in 0..times {
                found.add(format!("{}: {what}", row.size));
            }
        }
    }
    let compared = gets.map(|row| row.operations).sum::<u64>();
    Check::nothing_in("GET gave what SET had written", &found, format!("{compared} compared"))
}

/// Whether there is a figure for every size.
fn measured(rows: &[Row]) -> Check {
    let mut found = Findings::default();
    for row in rows.iter().filter(|row| row.operations == 0) {
        found.add(format!("{} {}: all {} failed", row.operation, row.size, row.errors));
    }
    let fine = format!("{} figures", rows.len());
    Check::nothing_in("something was done of each size", &found, fine)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let early = if self.stopped_early { ", stopped early" } else { "" };
        let (who, seconds) = (clients(self.clients), self.seconds);
        writeln!(f, "\n{who}, {seconds} s for each size and operation{early}\n")?;
        for operation in Operation::ALL {
            let name = format!("{operation}, ms");
            let mut table = Table::with_headings([
                &name, "a second", "Mbit/s", "errors", "mean", "p50", "p90", "p95", "p99", "p99.9",
                "max",
            ]);
            for row in self.rows.iter().filter(|row| row.operation == operation) {
                let rates = [row.operations_per_second, row.megabits_per_second].map(short);
                let [per_second, megabits] = rates;
                let ms = row.latency.map_or([const { String::new() }; 7], |p| {
                    [p.mean_ms, p.p50_ms, p.p90_ms, p.p95_ms, p.p99_ms, p.p999_ms, p.max_ms]
                        .map(|ms| format!("{ms:.3}"))
                });
                let [mean, p50, p90, p95, p99, p999, max] = ms;
                let (size, errors) = (row.size.to_string(), row.errors.to_string());
                table
                    .row([size, per_second, megabits, errors, mean, p50, p90, p95, p99, p999, max]);
            }
            writeln!(f, "{table}")?;
        }
        for row in &self.rows {
            for (kind, count) in &row.errors_by_kind {
                writeln!(f, "  {count} times {kind}: {} {}", row.operation, row.size)?;
            }
        }
        list(f, &self.checks)?;
        if self.keys_left > 0 {
            writeln!(f, "  {} keys could not be removed", self.keys_left)?;
        }
        writeln!(f, "  results and plots are in {}", self.output.display())
    }
}
