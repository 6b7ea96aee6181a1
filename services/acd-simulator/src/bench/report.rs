//! What `bench` says at the end.

use std::fmt;

use acd_core::ids::CenterId;
use acd_measure::{
    check::Check,
    table::{self, Table},
};
use serde::Serialize;

use super::{
    BenchArgs, Mode,
    load::Load,
    tally::{Operation, Totals},
};
use crate::checks;

/// Everything worth knowing of a bench.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    mode: Mode,
    seed: u64,
    center: CenterId,
    clients: u32,
    agents: u32,
    skills: u32,
    skills_each: u32,
    rate: Option<f64>,
    stopped_early: bool,
    retries: u64,
    #[serde(flatten)]
    totals: Totals,
    checks: Vec<Check>,
    /// Every check passed.
    pub(super) passed: bool,
}

impl Report {
    /// Puts together what `load` came to.
    pub(super) fn new(
        args: &BenchArgs,
        seed: u64,
        load: &Load,
        checks: Vec<Check>,
        retries: u64,
        stopped_early: bool,
    ) -> Self {
        Self {
            mode: args.mode,
            seed,
            center: args.center.clone(),
            clients: args.clients,
            agents: if args.mode == Mode::Lifecycle { args.agents } else { 0 },
            skills: args.skills,
            skills_each: args.skills_each.min(args.skills),
            rate: args.rate,
            stopped_early,
            retries,
            totals: load.tally.totals(args.warmup),
            passed: checks.iter().all(|check| check.passed),
            checks,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.mode {
            Mode::Lifecycle => "contacts created, assigned and completed",
            Mode::Create => "contacts created",
            Mode::Constant => "constant answers of POST /bench",
        };
        let t = &self.totals;
        let per_second = t.per_second.map_or_else(|| "-".to_owned(), table::short);
        let early = if self.stopped_early { ", stopped early" } else { "" };
        writeln!(f, "\n{} {what} in {:.1} s: {per_second} a second", t.done, t.elapsed_s)?;
        writeln!(
            f,
            "{} clients, {} agents, {} skills ({} each), seed {}{early}\n",
            self.clients, self.agents, self.skills, self.skills_each, self.seed
        )?;
        let mut table = Table::of_latencies("as the client sees it, ms");
        for (what, percentiles) in &t.operations {
            let name = match what {
                Operation::Create => "create",
                Operation::Assigned => "create until event",
                Operation::Complete => "complete",
                Operation::Lifecycle => "all of it",
                Operation::Constant => "constant",
            };
            table.latency(name, Some(percentiles));
        }
        writeln!(f, "{table}")?;
        if self.mode == Mode::Lifecycle {
            let mut table = Table::of_latencies("by Redis's clock, ms");
            table.latency("time to assign", t.time_to_assign.as_ref());
            table.latency("system's reaction", t.reaction.as_ref());
            writeln!(f, "{table}")?;
        }
        checks::write(f, &self.checks, self.retries)
    }
}
