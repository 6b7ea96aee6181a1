//! The metrics of a crate as a table, from which both their help texts and their reference are made.

/// How a metric is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows, until the process restarts.
    Counter,
    /// Grows and shrinks.
    Gauge,
    /// Counts by value, in buckets.
    Histogram,
}

impl MetricKind {
    /// Its name in Prometheus's text format.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric of `/metrics`.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its full name.
    pub name: &'static str,
    /// Its labels; each has a closed set of values.
    pub labels: &'static [&'static str],
    /// How it is read.
    pub kind: MetricKind,
    /// What it says, as plain text.
    pub help: &'static str,
}

/// Gives each metric its help text. A recorder must be installed.
pub fn describe(table: &[Metric]) {
    for Metric { name, kind, help, .. } in table {
        match kind {
            MetricKind::Counter => metrics::describe_counter!(*name, *help),
            MetricKind::Gauge => metrics::describe_gauge!(*name, *help),
            MetricKind::Histogram => metrics::describe_histogram!(*name, *help),
        }
    }
}

/// What the text of a scrape has that `table` does not tell: metrics that are not in it, or of another
/// kind, or with other labels. For tests.
pub fn untold(scrape: &str, table: &[Metric]) -> Vec<String> {
    let mut untold = Vec::new();
    for line in scrape.lines().filter(|line| !line.is_empty()) {
        if let Some(family) = line.strip_prefix("# TYPE ") {
            let known =
                |metric: &Metric| family == format!("{} {}", metric.name, metric.kind.as_str());
            if !table.iter().any(known) {
                untold.push(line.to_owned());
            }
        } else if !line.starts_with('#') && !is_told(line, table) {
            untold.push(line.to_owned());
        }
    }
    untold
}

/// Whether a sample belongs to a metric of the table, with its labels and, in a histogram, `le`.
fn is_told(sample: &str, table: &[Metric]) -> bool {
    let (name, labels) = sample.split_once(['{', ' ']).unwrap_or((sample, ""));
    table.iter().any(|metric| {
        let suffix = name.strip_prefix(metric.name);
        let named = match metric.kind {
            MetricKind::Histogram => matches!(suffix, Some("_bucket" | "_sum" | "_count")),
            _ => suffix == Some(""),
        };
        let label = |text: &str| {
            let label = text.rsplit([',', '{']).next().unwrap_or(text);
            metric.labels.contains(&label) || label == "le" && name.ends_with("_bucket")
        };
        let mut keys = labels.split("=\"").collect::<Vec<_>>();
        // What follows the last `="` is a value.
        keys.pop();
        named && keys.into_iter().all(label)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [Metric; 2] = [
        Metric { name: "a_total", labels: &["x", "y"], kind: MetricKind::Counter, help: "as" },
        Metric { name: "b_seconds", labels: &["x"], kind: MetricKind::Histogram, help: "bs" },
    ];

    #[test]
    fn finds_what_the_table_does_not_tell() {
        let told = "# HELP a_total as\n# TYPE a_total counter\na_total{x=\"1\",y=\"/{p}/q\"} 1\n\n\
                    # TYPE b_seconds histogram\nb_seconds_bucket{x=\"1\",le=\"0.5\"} 1\n\
                    b_seconds_sum{x=\"1\"} 1\nb_seconds_count 1\n";
        assert_eq!(untold(told, &TABLE), Vec::<String>::new());
        for line in [
            "c_total 1",
            "# TYPE a_total gauge",
            "a_total{z=\"1\"} 1",
            "b_seconds 1",
            "b_seconds_sum{le=\"1\"} 1",
        ] {
            assert_eq!(untold(line, &TABLE), [line]);
        }
    }
}
