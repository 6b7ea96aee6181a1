//! What the faults of the data tiers came to: `artifacts/failover.md` and `.json`, a row a fault with
//! the median and the maximum of its rounds. Rows of earlier runs stay until the fault is tried again.

use std::{fmt::Write, fs};

use serde_json::{Value, json};

use super::{
    load::Report,
    say,
    settings::{artifacts, setting_or},
    tier::Tier,
    watch::Failover,
};

/// The rounds of a fault.
pub struct Rounds {
    tier: Tier,
    fault: String,
    done: Vec<Value>,
}

/// The figures of a round, as they are called in the file and in the table.
const FIGURES: [(&str, &str); 8] = [
    ("gap_ms", "Without service, ms"),
    ("promoted_ms", "Promoted, ms"),
    ("engine_ms", "The engine's own failover, ms"),
    ("beyond_ms", "Beyond that, ms"),
    ("slowest_ms", "Slowest creation, ms"),
    ("contacts", "Contacts"),
    ("retries", "Attempts repeated"),
    ("failed", "Failed"),
];

impl Rounds {
    /// No round yet.
    pub fn new(tier: Tier, fault: &str) -> Self {
        Self { tier, fault: fault.to_owned(), done: Vec::new() }
    }

    /// Adds one. `engine` is what the servers themselves took, where they had to do anything.
    pub fn add(&mut self, report: &Report, engine: Option<Failover>) {
        let promoted = engine.map(|engine| engine.promoted.as_millis());
        let engine = engine.and_then(|engine| u64::try_from(engine.writes.as_millis()).ok());
        let gap = report.get("longest_gap_ms").as_u64().unwrap_or(0);
        let round = json!({
            "gap_ms": gap,
            "promoted_ms": promoted,
            "engine_ms": engine,
            "beyond_ms": engine.map(|engine| gap.saturating_sub(engine)),
            "slowest_ms": report.slowest_ms(),
            "contacts": report.get("contacts"),
            "retries": report.get("retries"),
            "failed": report.get("failed"),
            "probes_answered": report.get("probes_answered"),
            "probes_failed": report.get("probes_failed"),
            "probe_latency": report.get("probe_latency"),
            "outages": report.get("outages"),
            "retries_by_cause": report.get("retries_by_cause"),
            "not_repeated": report.get("not_repeated"),
        });
        let shown = FIGURES.map(|(name, _)| format!("{name} {}", round[name]));
        say(&format!("{}: {}: {}", self.tier.name(), self.fault, shown.join(", ")));
        self.done.push(round);
        self.keep();
    }

    /// Also when a later round fails, those before are worth keeping.
    fn keep(&self) {
        let file = artifacts().join("failover.json");
        let read = fs::read(&file).ok().and_then(|json| serde_json::from_slice(&json).ok());
        let mut rows: Vec<Value> = read.unwrap_or_default();
        let row = json!({
            "tier": self.tier.name(),
            "fault": self.fault,
            "durability": setting_or("ACD_STACK_DURABILITY", "local"),
            "rounds": self.done,
        });
        let keys = ["tier", "fault", "durability"];
        let same = |other: &&mut Value| keys.iter().all(|key| other[*key] == row[*key]);
        match rows.iter_mut().find(same) {
            Some(other) => *other = row,
            None => rows.push(row),
        }
        fs::write(file, serde_json::to_string_pretty(&rows).expect("figures")).expect("a file");
        fs::write(artifacts().join("failover.md"), table(&rows)).expect("a file");
    }
}

fn table(rows: &[Value]) -> String {
    let heads = FIGURES.map(|(_, head)| head).join(" | ");
    let mut table = format!(
        "Median / maximum of so many rounds, contacts and what follows as sums. After each: nothing that \
         was acknowledged lost, nothing assigned twice, `consistency` clean.\n\n\
         | Tier | Fault | Durability | Rounds | {heads} |\n|---|---|---|---|{}\n",
        "---|".repeat(FIGURES.len()),
    );
    for row in rows {
        let rounds = row["rounds"].as_array().map_or(&[][..], Vec::as_slice);
        let [tier, fault, durability] =
            ["tier", "fault", "durability"].map(|name| row[name].as_str().unwrap_or_default());
        let _ = write!(table, "| {tier} | {fault} | {durability} | {} |", rounds.len());
        for (name, _) in FIGURES {
            let mut all: Vec<f64> =
                rounds.iter().filter_map(|round| round[name].as_f64()).collect();
            all.sort_by(f64::total_cmp);
            let _ = match (all.get(all.len().saturating_sub(1) / 2), all.last()) {
                (Some(median), Some(most)) if name.ends_with("_ms") => {
                    write!(table, " {median:.0} / {most:.0} |")
                }
                (Some(_), _) => write!(table, " {:.0} |", all.iter().sum::<f64>()),
                _ => write!(table, " – |"),
            };
        }
        table.push('\n');
    }
    table
}
