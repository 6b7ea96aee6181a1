//! What was measured, for people and for programs: `artifacts/availability.md` and `.json`.

use std::{
    fmt::Write,
    fs,
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};

use super::{client::Watched, load::Report, say, settings::artifacts};

static RECORDS: Mutex<Vec<Value>> = Mutex::new(Vec::new());

/// Keeps the figures of a fault.
pub fn record(fault: &str, report: &Report) {
    let names = [
        "longest_gap_ms",
        "outages",
        "probes_answered",
        "probes_failed",
        "contacts",
        "completed",
        "failed",
        "retries",
        "retries_by_cause",
        "not_repeated",
        "operations",
        "probe_latency",
    ];
    let mut figures = json!({ "fault": fault });
    for name in names {
        figures[name] = report.get(name).clone();
    }
    say(&format!(
        "{fault}: {} ms without service, {} probes failed, {} contacts, {} calls repeated, {} failed",
        figures["longest_gap_ms"],
        figures["probes_failed"],
        figures["contacts"],
        figures["retries"],
        figures["failed"],
    ));
    keep(figures);
}

/// Keeps what somebody saw who asked one thing all the time.
pub fn record_watched(fault: &str, watched: &Watched) {
    let Watched { what, answered, failed, gap_ms } = watched;
    say(&format!("{fault}: {what}: {gap_ms} ms without an answer, {failed} failed"));
    keep(json!({
        "fault": format!("{fault}: {what}"),
        "longest_gap_ms": gap_ms,
        "probes_answered": answered,
        "probes_failed": failed,
    }));
}

fn keep(figures: Value) {
    let mut records = RECORDS.lock().unwrap_or_else(PoisonError::into_inner);
    records.push(figures);
    let json = serde_json::to_string_pretty(&*records).expect("figures");
    fs::write(artifacts().join("availability.json"), json).expect("a file");
    fs::write(artifacts().join("availability.md"), table(&records)).expect("a file");
}

fn table(records: &[Value]) -> String {
    let mut table = String::from(
        "Under load by a client that repeats what is safe to repeat. *Time without service* is between \
         two answers to probes every 20 ms that nobody repeats; *failed* are operations that failed in \
         spite of every repeat.\n\n| Fault | Time without service | Probes failed | Contacts | Attempts \
         repeated | Failed |\n|---|---|---|---|---|---|\n",
    );
    for record in records {
        let figure = |name: &str| match &record[name] {
            Value::Null => "–".to_owned(),
            figure => figure.to_string(),
        };
        let count = |name: &str| record[name].as_u64().unwrap_or(0);
        let probes = count("probes_failed") + count("probes_answered");
        let _ = writeln!(
            table,
            "| {} | {} ms | {} of {probes} | {} | {} | {} |",
            record["fault"].as_str().unwrap_or_default(),
            figure("longest_gap_ms"),
            figure("probes_failed"),
            figure("contacts"),
            figure("retries"),
            figure("failed"),
        );
    }
    table
}
