//! The state of the centers as a Prometheus scrape shows it.

use std::{fmt::Write, time::Duration};

use acd_core::{ids::CenterId, stats::Stats};
use tokio::time::{Instant, timeout_at};

use crate::Store;
/// A scrape answers with what it has after this time.
const SCRAPE: Duration = Duration::from_millis(800);
/// How many centers a scrape shows: more are for a report, not for a graph.
const CENTERS: usize = 100;

/// Adds the state of `main` and the first 100 centers to the process's metrics, in Prometheus's text
/// format. Without the store there is nothing to add.
pub async fn centers(text: &mut String, store: &Store) {
    gauges(text, &all_stats(store).await);
}

/// The figures of the centers, as far as they can be had in time.
async fn all_stats(store: &Store) -> Vec<Stats> {
    let deadline = Instant::now() + SCRAPE;
    let mut all = Vec::new();
    let Ok(Ok(page)) = timeout_at(deadline, store.centers(None, CENTERS)).await else {
        return all;
    };
    // `main` is there whatever the others are called.
    let main = CenterId::main();
    let others = page.items.into_iter().map(|center| center.id).filter(|id| *id != main);
    for id in std::iter::once(main.clone()).chain(others) {
        match timeout_at(deadline, store.read_stats(&id)).await {
            Ok(Ok(stats)) => all.push(stats),
            _ => break,
        }
    }
    all
}

/// Writes the state of the centers. It is no part of the process's own metrics: there it would stay
/// as it was when the store went away, and look current.
fn gauges(text: &mut String, all: &[Stats]) {
    let mut family = |name: &str, help: &str, samples: &[(String, String)]| {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in samples {
            let _ = writeln!(text, "{name}{{{labels}}} {value}");
        }
        text.push('\n');
    };
    let each = |value: fn(&Stats) -> String| -> Vec<(String, String)> {
        all.iter().map(|stats| (format!("center=\"{}\"", stats.center), value(stats))).collect()
    };

    let waiting = each(|stats| stats.waiting.to_string());
    family("acd_contacts_waiting", "Contacts that wait for an agent", &waiting);
    let oldest = each(|stats| stats.oldest_waiting_s.unwrap_or(0.0).to_string());
    family("acd_oldest_waiting_seconds", "How long the first of them has waited", &oldest);
    let agents: Vec<_> = all.iter().flat_map(agents_by_state).collect();
    family("acd_agents", "Agents by what they are doing", &agents);
}

fn agents_by_state(stats: &Stats) -> [(String, String); 4] {
    let counts = &stats.agents;
    [
        ("available", counts.available),
        ("busy", counts.busy),
        ("not_ready", counts.not_ready),
        ("offline", counts.offline),
    ]
    .map(|(state, n)| (format!("center=\"{}\",state=\"{state}\"", stats.center), n.to_string()))
}
