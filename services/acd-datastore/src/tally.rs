//! What is counted while one size is set or got.

use std::{collections::BTreeMap, fmt, time::Duration};

use acd_measure::latency::{Latency, Percentiles};
use serde::Serialize;

use crate::size::Size;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    Set,
    Get,
}

impl Operation {
    /// In the order in which they are measured.
    pub(crate) const ALL: [Self; 2] = [Self::Set, Self::Get];

    /// For names of files.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Get => "get",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Set => "SET",
            Self::Get => "GET",
        })
    }
}

/// How an operation ended: [`OK`], or the kind of its error in a word.
pub(crate) type Outcome = &'static str;

/// It was done, and the value was the right one.
pub(crate) const OK: Outcome = "ok";
/// The value that was acknowledged is not there.
pub(crate) const MISSING: Outcome = "missing";
/// There is a value from before the last one that was acknowledged.
pub(crate) const OLDER: Outcome = "older";
/// There is a value that nobody wrote there.
pub(crate) const WRONG: Outcome = "wrong";

/// What came of the operations of one client, or of all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    latency: Latency,
    errors: BTreeMap<Outcome, u64>,
    lasted: Duration,
}

impl Counts {
    /// Adds an operation.
    pub(crate) fn add(&mut self, outcome: Outcome, took: Duration) {
        if outcome == OK {
            self.latency.record(took);
        } else {
            *self.errors.entry(outcome).or_default() += 1;
        }
    }

    /// It lasted so long until the last one ended.
    pub(crate) fn lasted(&mut self, lasted: Duration) {
        self.lasted = lasted;
    }

    /// Adds what another client did at the same time.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.latency.merge(&other.latency);
        for (outcome, count) in &other.errors {
            *self.errors.entry(outcome).or_default() += count;
        }
        self.lasted = self.lasted.max(other.lasted);
    }
}

/// What it comes to, for one size.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) operation: Operation,
    #[serde(rename = "value_bits")]
    pub(crate) size: Size,
    pub(crate) seconds: f64,
    /// Those that were done.
    pub(crate) operations: u64,
    /// Those that were not.
    pub(crate) errors: u64,
    pub(crate) errors_by_kind: BTreeMap<Outcome, u64>,
    pub(crate) operations_per_second: f64,
    /// Of the values alone, in millions of bits.
    pub(crate) megabits_per_second: f64,
    /// Of those that were done.
    pub(crate) latency: Option<Percentiles>,
}

impl Row {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub(crate) fn new(operation: Operation, size: Size, counts: &Counts) -> Self {
        let latency = counts.latency.percentiles();
        let operations = latency.map_or(0, |latency| latency.count);
        let seconds = counts.lasted.as_secs_f64();
        let per_second = if seconds > 0.0 { operations as f64 / seconds } else { 0.0 };
        Self {
            operation,
            size,
            seconds,
            operations,
            errors: counts.errors.values().sum(),
            errors_by_kind: counts.errors.clone(),
            operations_per_second: per_second,
            megabits_per_second: per_second * size.bits() as f64 / 1e6,
            latency,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_add_up() {
        let mut one = Counts::default();
        for ms in 1..=100 {
            one.add(OK, Duration::from_millis(ms));
        }
        one.add("time_out", Duration::from_secs(3));
        one.lasted(Duration::from_secs(10));
        let mut other = Counts::default();
        other.add(OK, Duration::from_millis(500));
        other.add("time_out", Duration::from_secs(3));
        other.add(WRONG, Duration::from_millis(1));
        other.lasted(Duration::from_secs(9));
        one.merge(&other);

        let row = Row::new(Operation::Get, "1Kbit".parse().unwrap(), &one);
        assert_eq!((row.operations, row.errors), (101, 3));
        assert_eq!((row.errors_by_kind["time_out"], row.errors_by_kind[WRONG]), (2, 1));
        let close = |value: f64, exact: f64| (value / exact - 1.0).abs() < 0.002;
        assert!(close(row.operations_per_second, 10.1), "{row:?}");
        assert!(close(row.megabits_per_second, 0.010_342_4), "{row:?}");
        let latency = row.latency.unwrap();
        assert!(close(latency.p50_ms, 51.0) && close(latency.max_ms, 500.0), "{latency:?}");
    }

    #[test]
    fn nothing_done_is_no_division_by_nothing() {
        let row = Row::new(Operation::Set, "128bit".parse().unwrap(), &Counts::default());
        assert_eq!((row.operations, row.errors, row.latency), (0, 0, None));
        assert!(row.operations_per_second.abs() < f64::EPSILON);
    }
}
