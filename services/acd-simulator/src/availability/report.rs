//! What `availability` says at the end.

use std::{collections::BTreeMap, fmt, time::Duration};

use acd_core::ids::CenterId;
use acd_measure::{
    check::{Check, Findings},
    latency::Percentiles,
    table::Table,
};
use serde::Serialize;

use super::{
    AvailabilityArgs, Load,
    outage::Outage,
    tally::{Operation, Total},
};
use crate::{api::Cause, checks};

/// How many outages are shown to people.
const SHOWN: usize = 20;

/// Everything worth knowing of a run.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    center: CenterId,
    agents: u32,
    rate: f64,
    probe_every_ms: u128,
    lasted_s: f64,
    stopped_early: bool,
    /// Contacts that were due.
    contacts: u64,
    /// Contacts that were created, assigned, read and completed.
    completed: u64,
    operations: BTreeMap<Operation, Total>,
    /// Operations that failed in spite of every repeat, and contacts without an agent in time.
    failed: usize,
    /// The first of them.
    failures: Vec<String>,
    /// The first of those that were not repeated.
    not_repeated: Vec<String>,
    /// Attempts that were repeated.
    retries: u64,
    /// The same by what went wrong.
    retries_by_cause: BTreeMap<Cause, u64>,
    time_to_assign: Option<Percentiles>,
    probes_answered: u64,
    probes_failed: u64,
    probe_latency: Option<Percentiles>,
    outages_count: u64,
    /// The last of them.
    outages: Vec<Outage>,
    /// The longest time without service.
    longest_gap_ms: u64,
    checks: Vec<Check>,
    /// Every check passed.
    pub(super) passed: bool,
}

impl Report {
    /// Puts together what `load` came to.
    pub(super) fn new(
        args: &AvailabilityArgs,
        load: &Load,
        lasted: Duration,
        mut checks: Vec<Check>,
        stopped_early: bool,
    ) -> Self {
        let (counts, timeline) = (load.tally.counts(), load.timeline());
        checks.extend(args.max_gap.map(|most| gap_within(most, timeline.longest_ms())));
        checks.extend(args.max_failed.map(|most| failed_within(most, &counts.failures)));
        Self {
            center: args.center.clone(),
            agents: args.agents,
            rate: args.rate,
            probe_every_ms: args.probe_every.as_millis(),
            lasted_s: lasted.as_secs_f64(),
            stopped_early: stopped_early && args.seconds.is_some(),
            contacts: counts.begun,
            completed: counts.completed,
            operations: counts.operations(),
            failed: counts.failures.count,
            time_to_assign: counts.waits(),
            failures: counts.failures.shown,
            not_repeated: counts.not_repeated.shown,
            retries: load.api.retries(),
            retries_by_cause: load.api.retries_by_cause(),
            probes_answered: timeline.good,
            probes_failed: timeline.failed,
            probe_latency: timeline.latency(),
            outages_count: timeline.count,
            outages: timeline.outages().to_vec(),
            longest_gap_ms: timeline.longest_ms(),
            passed: checks.iter().all(|check| check.passed),
            checks,
        }
    }
}

fn gap_within(most: Duration, longest_ms: u64) -> Check {
    let passed = u128::from(longest_ms) <= most.as_millis();
    let detail = format!("{longest_ms} ms, {} ms are allowed", most.as_millis());
    Check { name: "longest time without service", passed, detail }
}

fn failed_within(most: u64, failures: &Findings) -> Check {
    let name = "operations that failed";
    if u64::try_from(failures.count).is_ok_and(|count| count <= most) {
        let detail = format!("{}, {most} are allowed", failures.count);
        return Check { name, passed: true, detail };
    }
    Check::nothing_in(name, failures, String::new())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let early = if self.stopped_early { ", stopped early" } else { "" };
        writeln!(
            f,
            "\n{} of {} contacts created, assigned, read and completed in {:.1} s, {} agents{early}\n",
            self.completed, self.contacts, self.lasted_s, self.agents
        )?;
        let mut table = Table::of_latencies("with every repeat, ms");
        for (what, total) in &self.operations {
            table.latency(what.name(), total.latency.as_ref());
        }
        table.latency("probe, never repeated", self.probe_latency.as_ref());
        table.latency("time to assign", self.time_to_assign.as_ref());
        writeln!(f, "{table}")?;

        let mut table = Table::with_headings(["", "ok", "failed"]);
        for (what, total) in &self.operations {
            table.row([what.name().into(), total.ok.to_string(), total.failed.to_string()]);
        }
        let (answered, failed) = (self.probes_answered, self.probes_failed);
        table.row(["probe, never repeated".into(), answered.to_string(), failed.to_string()]);
        writeln!(f, "{table}")?;
        for failure in &self.failures {
            writeln!(f, "  failed: {failure}")?;
        }
        for (cause, count) in &self.retries_by_cause {
            writeln!(f, "  {count} attempts were repeated after {cause}")?;
        }
        for outage in self.outages.iter().take(SHOWN) {
            writeln!(f, "  {outage}")?;
        }
        let (count, longest) = (self.outages_count, self.longest_gap_ms);
        writeln!(f, "  {count} times without service, the longest {longest} ms\n")?;
        checks::write(f, &self.checks, self.retries)
    }
}
