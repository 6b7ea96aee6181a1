//! The state of the centers as a Prometheus scrape shows it.

use std::fmt::Write;

use acd_core::{ids::CenterId, stats::Stats};
use acd_process::metric::{Metric, MetricKind};
use tokio::time::{Instant, timeout_at};

use crate::{
    Store,
    limits::{SCRAPE, SCRAPED_CENTERS},
};

/// The state of the centers, which is read from Redis at each scrape.
const WAITING: Metric = Metric {
    name: "acd_contacts_waiting",
    labels: &["center"],
    kind: MetricKind::Gauge,
    help: "contacts that wait, for `main` and the first 100 centers",
};
const OLDEST: Metric = Metric {
    name: "acd_oldest_waiting_seconds",
    labels: &["center"],
    kind: MetricKind::Gauge,
    help: "how long the first of them has waited",
};
const AGENTS: Metric = Metric {
    name: "acd_agents",
    labels: &["center", "state"],
    kind: MetricKind::Gauge,
    help: "agents that are `available`, `busy`, `not_ready`, `offline`",
};

/// The metrics of the store: the state of the centers, and its calls.
pub const METRICS: &[Metric] = &[
    WAITING,
    OLDEST,
    AGENTS,
    Metric {
        name: "acd_store_call_duration_seconds",
        labels: &["operation", "outcome"],
        kind: MetricKind::Histogram,
        help: "calls to Redis; contacts that were created or ended in one batch are one call",
    },
    Metric {
        name: "acd_store_retries_total",
        labels: &["operation"],
        kind: MetricKind::Counter,
        help: "attempts that were retried",
    },
    Metric {
        name: "acd_store_unconfirmed_total",
        labels: &[],
        kind: MetricKind::Counter,
        help: "pipelines that no replica confirmed in time",
    },
];

/// Adds the state of `main` and the first 100 centers to the process's metrics, in Prometheus's text
/// format. Without the store there is nothing to add.
pub async fn centers(text: &mut String, store: &Store) {
    gauges(text, &all_stats(store).await);
}

/// The figures of the centers, as far as they can be had in time.
async fn all_stats(store: &Store) -> Vec<Stats> {
    let deadline = Instant::now() + SCRAPE;
    let mut all = Vec::new();
    let Ok(Ok(page)) = timeout_at(deadline, store.centers(None, SCRAPED_CENTERS)).await else {
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
    let mut family = |metric: &Metric, samples: &[(String, String)]| {
        let Metric { name, kind, help, .. } = metric;
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {}", kind.as_str());
        for (labels, value) in samples {
            let _ = writeln!(text, "{name}{{{labels}}} {value}");
        }
        text.push('\n');
    };
    let each = |value: fn(&Stats) -> String| -> Vec<(String, String)> {
        all.iter().map(|stats| (format!("center=\"{}\"", stats.center), value(stats))).collect()
    };

    let waiting = each(|stats| stats.waiting.to_string());
    family(&WAITING, &waiting);
    let oldest = each(|stats| stats.oldest_waiting_s.unwrap_or(0.0).to_string());
    family(&OLDEST, &oldest);
    let agents: Vec<_> = all.iter().flat_map(agents_by_state).collect();
    family(&AGENTS, &agents);
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
