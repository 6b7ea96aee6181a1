//! What `run` says at the end.

use std::fmt;

use acd_core::ids::CenterId;
use acd_measure::{check::Check, table::Table};
use serde::Serialize;

use super::figures::Figures;
use crate::checks;

/// Everything worth knowing of a run.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) seed: u64,
    pub(super) center: CenterId,
    pub(super) agents: u32,
    /// How many contacts were to arrive.
    pub(super) contacts: u32,
    /// How many of them nobody could serve.
    pub(super) unservable: usize,
    /// We were asked to stop.
    pub(super) stopped_early: bool,
    /// How often a contact of somebody else went to an agent of ours (and back, afterwards).
    pub(super) strangers: usize,
    pub(super) retries: u64,
    #[serde(flatten)]
    pub(super) figures: Figures,
    pub(super) checks: Vec<Check>,
    pub(super) passed: bool,
}

fn percent(part: Option<f64>) -> String {
    part.map_or_else(|| "-".to_owned(), |part| format!("{:.1} %", part * 100.0))
}

fn seconds(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |s| format!("{s:.3} s"))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = &self.figures;
        let early = if self.stopped_early { ", stopped early" } else { "" };
        let ended = n.answered + n.abandoned + n.rejected + n.canceled + n.failed;
        writeln!(
            f,
            "\n{ended} of {} contacts, {} agents, {:.1} s, seed {}{early}\n",
            self.contacts, self.agents, n.span_s, self.seed
        )?;
        let mut table = Table::default();
        table.row(["answered".into(), n.answered.to_string()]);
        table.row(["abandoned".into(), n.abandoned.to_string()]);
        table.row(["  of them at once (short)".into(), n.short_abandoned.to_string()]);
        for (name, count) in [
            ("rejected", n.rejected),
            ("canceled", n.canceled),
            ("failed", n.failed),
            ("needing skills that nobody has", self.unservable),
            ("of others, given to these agents", self.strangers),
        ] {
            if count > 0 {
                table.row([name.into(), count.to_string()]);
            }
        }
        table.row(["service level".into(), percent(n.service_level)]);
        table.row(["abandonment rate".into(), percent(n.abandonment_rate)]);
        table.row(["mean speed of answer (ASA)".into(), seconds(n.asa_s)]);
        table.row(["mean handling time (AHT)".into(), seconds(n.aht_s)]);
        table.row(["occupancy of the agents".into(), percent(n.occupancy)]);
        writeln!(f, "{table}")?;
        writeln!(f, "  service level = {}\n", n.service_level_formula)?;

        let mut times = Table::of_latencies("time to assign, ms");
        times.latency("caller's wait", n.wait.as_ref());
        times.latency("system's reaction", n.reaction.as_ref());
        writeln!(f, "{times}")?;
        checks::write(f, &self.checks, self.retries)
    }
}
