//! How long things took: a histogram that keeps three digits at any scale, and its percentiles.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// The longest that is told apart, in µs: an hour.
const LONGEST_US: u64 = 3_600_000_000;

/// Many durations.
#[derive(Clone, Debug)]
pub struct Latency(Histogram<u64>);

/// What there is to say about many durations, in ms.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Percentiles {
    /// How many there were.
    pub count: u64,
    /// The mean.
    pub mean_ms: f64,
    /// The median.
    pub p50_ms: f64,
    /// Nine in ten took no longer.
    pub p90_ms: f64,
    /// 19 in 20 took no longer.
    pub p95_ms: f64,
    /// 99 in 100 took no longer.
    pub p99_ms: f64,
    /// 999 in 1000 took no longer.
    pub p999_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

impl Default for Latency {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "the bounds are constants and valid")]
        Self(Histogram::new_with_bounds(1, LONGEST_US, 3).expect("valid bounds"))
    }
}

impl Latency {
    /// Adds one.
    pub fn record(&mut self, took: Duration) {
        self.0.saturating_record(u64::try_from(took.as_micros()).unwrap_or(LONGEST_US));
    }

    /// Adds one that is known in whole ms; a clock that went back counts as nothing.
    pub fn record_ms(&mut self, ms: i64) {
        self.record(Duration::from_millis(ms.try_into().unwrap_or(0)));
    }

    /// Adds all of another's.
    pub fn merge(&mut self, other: &Self) {
        self.0 += &other.0;
    }

    /// What there is to say; `None` about nothing.
    pub fn percentiles(&self) -> Option<Percentiles> {
        let at = |quantile| ms(self.0.value_at_quantile(quantile).min(self.0.max()));
        (!self.0.is_empty()).then(|| Percentiles {
            count: self.0.len(),
            mean_ms: self.0.mean() / 1000.0,
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p95_ms: at(0.95),
            p99_ms: at(0.99),
            p999_ms: at(0.999),
            max_ms: ms(self.0.max()),
        })
    }
}

impl FromIterator<i64> for Latency {
    fn from_iter<I: IntoIterator<Item = i64>>(all: I) -> Self {
        let mut latency = Self::default();
        all.into_iter().for_each(|ms| latency.record_ms(ms));
        latency
    }
}

#[expect(clippy::cast_precision_loss, reason = "an hour of µs fits into 53 bits")]
fn ms(us: u64) -> f64 {
    us as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_exact_to_three_digits() {
        let found = (1..=1000).collect::<Latency>().percentiles().unwrap();
        for (value, exact) in [
            (found.p50_ms, 500.0),
            (found.p90_ms, 900.0),
            (found.p99_ms, 990.0),
            (found.p999_ms, 999.0),
            (found.max_ms, 1000.0),
            (found.mean_ms, 500.5),
        ] {
            assert!((value / exact - 1.0).abs() < 0.002, "{value} is not {exact}");
        }
        assert_eq!(found.count, 1000);
    }

    #[test]
    fn takes_nothing_and_what_is_too_long() {
        assert_eq!(Latency::default().percentiles(), None);
        let mut latency = Latency::default();
        latency.record(Duration::MAX);
        latency.record_ms(-5);
        assert_eq!(latency.percentiles().unwrap().count, 2);
    }
}
