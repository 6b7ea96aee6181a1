//! When there was no service, from probes that were sent at a fixed pace.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::{self, Write},
    time::Duration,
};

use acd_measure::latency::{Latency, Percentiles};
use serde::Serialize;

use crate::api::Cause;

/// The most outages that are kept one by one; the rest is only counted.
const SHOWN: usize = 1000;
/// How many answers are remembered.
const KEPT: usize = 100_000;

/// One probe, with times since the beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probed {
    /// When it was sent.
    pub(super) sent: Duration,
    /// When its answer came, or when it was given up.
    pub(super) ended: Duration,
    /// What went wrong, if it did.
    pub(super) failed: Option<Cause>,
}

/// A time without service: from the last answer before a probe that failed was sent to the first one
/// after that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Outage {
    /// When it began, in ms since the beginning of the load.
    pub(super) from_ms: u64,
    /// How long it lasted.
    pub(super) gap_ms: u64,
    /// How many probes failed in it.
    pub(super) failed: u64,
    /// How they failed.
    pub(super) causes: BTreeMap<Cause, u64>,
    /// Service came back; else it was still away at the end of the load.
    pub(super) over: bool,
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut causes = String::new();
        for (cause, count) in &self.causes {
            let _ = write!(causes, "{}{count} {cause}", if causes.is_empty() { "" } else { ", " });
        }
        let end = if self.over { "" } else { ", not over" };
        let (at, gap) = (ms(self.from_ms), ms(self.gap_ms));
        write!(f, "at {at:.3} s: {gap:.3} s without service ({causes}){end}")
    }
}

#[expect(clippy::cast_precision_loss, reason = "ms of a load are far below 2^53")]
fn ms(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

/// All outages so far.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// When answers came, in ms, the last of them: one that never comes is given up long before they
    /// are forgotten.
    answers: VecDeque<u64>,
    outages: Vec<Outage>,
    pub(super) count: u64,
    pub(super) good: u64,
    pub(super) failed: u64,
    longest_ms: u64,
    latency: Latency,
}

impl Timeline {
    /// Takes a probe that has just been answered or given up. Gives an outage that is over now, or was
    /// already when we learned of it.
    pub(super) fn note(&mut self, probed: Probed) -> Option<&Outage> {
        let (sent, ended) = (whole_ms(probed.sent), whole_ms(probed.ended));
        if let Some(cause) = probed.failed {
            self.failed += 1;
            return self.fail(sent, ended, cause);
        }
        self.good += 1;
        self.latency.record(probed.ended.saturating_sub(probed.sent));
        self.answers.push_back(ended);
        if self.answers.len() > KEPT {
            self.answers.pop_front();
        }
        let open = self.outages.last_mut().filter(|outage| !outage.over)?;
        open.over = true;
        open.gap_ms = ended.saturating_sub(open.from_ms);
        self.longest_ms = self.longest_ms.max(open.gap_ms);
        Some(open)
    }

    fn fail(&mut self, sent: u64, now: u64, cause: Cause) -> Option<&Outage> {
        let after = self.answers.partition_point(|at| *at <= sent);
        let from_ms = after.checked_sub(1).map_or(0, |before| self.answers[before]);
        // Others may have been answered while this one was waited for.
        let end = self.answers.get(after).copied();
        let known = self.outages.binary_search_by_key(&from_ms, |outage| outage.from_ms);
        let at = known.unwrap_or_else(|at| {
            self.count += 1;
            self.outages.insert(at, Outage { from_ms, ..Outage::default() });
            at
        });
        let outage = &mut self.outages[at];
        outage.failed += 1;
        *outage.causes.entry(cause).or_default() += 1;
        outage.over = end.is_some();
        outage.gap_ms = end.unwrap_or(now).saturating_sub(from_ms);
        self.longest_ms = self.longest_ms.max(outage.gap_ms);
        let is_news = known.is_err() && outage.over;
        let one_more = usize::from(self.outages.len() > SHOWN);
        self.outages.drain(..one_more);
        self.outages.get(at.checked_sub(one_more)?).filter(|_| is_news)
    }

    /// The last outages, one by one.
    pub(super) fn outages(&self) -> &[Outage] {
        &self.outages
    }

    /// The longest time without service; nothing when there was always service.
    pub(super) fn longest_ms(&self) -> u64 {
        self.longest_ms
    }

    /// How long answers took.
    pub(super) fn latency(&self) -> Option<Percentiles> {
        self.latency.percentiles()
    }

    /// The outage that goes on.
    pub(super) fn current(&self) -> Option<&Outage> {
        self.outages.last().filter(|outage| !outage.over)
    }
}

fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Probes every 10 ms: `.` was answered at once, `x` was refused, `t` was given up after 25 ms, `l`
    /// was answered after 25 ms.
    fn timeline(probes: &str) -> Timeline {
        let mut all: Vec<Probed> = (0..)
            .zip(probes.chars())
            .map(|(number, probe)| {
                let sent = Duration::from_millis(10 * number);
                let took = Duration::from_millis(if "tl".contains(probe) { 25 } else { 0 });
                let failed = match probe {
                    'x' => Some(Cause::NoConnection),
                    't' => Some(Cause::TimeOut),
                    _ => None,
                };
                Probed { sent, ended: sent + took, failed }
            })
            .collect();
        all.sort_by_key(|probed| probed.ended);
        let mut timeline = Timeline::default();
        for probed in all {
            timeline.note(probed);
        }
        timeline
    }

    fn gaps(probes: &str) -> Vec<(u64, u64, u64)> {
        let timeline = timeline(probes);
        timeline.outages().iter().map(|o| (o.from_ms, o.gap_ms, o.failed)).collect()
    }

    #[test]
    fn an_outage_is_from_the_last_answer_to_the_next() {
        assert_eq!(gaps("...."), []);
        assert_eq!(gaps("...xx..."), [(20, 30, 2)]);
        assert_eq!(gaps(".x.xxx."), [(0, 20, 1), (20, 40, 3)]);
        assert_eq!(gaps("xx.."), [(0, 20, 2)], "from the beginning on");
        assert_eq!(gaps(".xxl"), [(0, 55, 2)], "what hung was not there either");
        assert_eq!(timeline(".x.xxx.").longest_ms(), 40);
    }

    #[test]
    fn what_is_given_up_late_belongs_to_when_it_was_sent() {
        assert_eq!(gaps("..ttt...."), [(10, 40, 3)]);
        assert_eq!(gaps(".t.t.t..."), [(0, 20, 1), (20, 20, 1), (40, 20, 1)], "every other one");
        assert_eq!(gaps(".tx...x.."), [(0, 30, 2), (50, 20, 1)]);
    }

    #[test]
    fn one_that_is_not_over_says_so() {
        let timeline = timeline("..xx");
        let outage = timeline.current().unwrap();
        assert_eq!((outage.from_ms, outage.gap_ms, outage.over), (10, 20, false));
        assert_eq!((timeline.count, timeline.good, timeline.failed), (1, 2, 2));
        let told = outage.to_string();
        assert!(told.contains("0.020 s without service (2 no_connection), not over"), "{told}");
    }
}
