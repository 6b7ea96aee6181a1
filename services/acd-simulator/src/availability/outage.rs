//! Outages of the service, derived from probes that are sent at a fixed pace.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::{self, Write},
    time::Duration,
};

use acd_measure::latency::{Latency, Percentiles};
use serde::Serialize;

use crate::api::Cause;

/// The most outages that are kept one by one. Older ones are only counted.
const SHOWN: usize = 1000;
/// The most answers whose times are kept.
const KEPT: usize = 100_000;

/// One probe, with times since the beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probed {
    /// When it was sent.
    pub(super) sent: Duration,
    /// When its answer arrived, or when it timed out.
    pub(super) ended: Duration,
    /// Why it failed; `None` when it succeeded.
    pub(super) failed: Option<Cause>,
}

/// A time without service. It lasts from the last successful answer before a failed probe was sent
/// to the first successful answer after that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Outage {
    /// When it began, in ms since the start of the load.
    pub(super) from_ms: u64,
    /// Its duration, in ms.
    pub(super) gap_ms: u64,
    /// Number of probes that failed in it.
    pub(super) failed: u64,
    /// The failed probes by cause.
    pub(super) causes: BTreeMap<Cause, u64>,
    /// True when the service has recovered; false when the outage had not ended with the load.
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
    /// Times of the last successful answers, in ms, ascending. They reach back much further than the
    /// time-out of a probe, so the answers around any failed probe are still here.
    answers: VecDeque<u64>,
    outages: Vec<Outage>,
    pub(super) count: u64,
    pub(super) good: u64,
    pub(super) failed: u64,
    longest_ms: u64,
    latency: Latency,
}

impl Timeline {
    /// Records a probe that has just ended, successfully or not. Returns an outage when it has ended
    /// with this probe, or when it had ended before it was detected.
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

    /// Records a failed probe: `sent` is when it was sent, `now` when it failed, both in ms.
    ///
    /// A probe that times out ends long after it was sent, and later probes may have succeeded in the
    /// meantime. So the outage is placed by the time of sending, which may be in the past of others.
    fn fail(&mut self, sent: u64, now: u64, cause: Cause) -> Option<&Outage> {
        // The outage begins with the last answer up to `sent`, or with the load if there is none.
        let after = self.answers.partition_point(|at| *at <= sent);
        let from_ms = after.checked_sub(1).map_or(0, |before| self.answers[before]);
        // It ends with the first answer after `sent`. There may be one already: of another probe, while
        // this one waited for its time-out.
        let end = self.answers.get(after).copied();
        // Failed probes between the same two answers belong to one outage, so its beginning is its key.
        // The list is in order of beginning; an outage that is detected late is inserted in its place.
        let known = self.outages.binary_search_by_key(&from_ms, |outage| outage.from_ms);
        let at = known.unwrap_or_else(|at| {
            self.count += 1;
            self.outages.insert(at, Outage { from_ms, ..Outage::default() });
            at
        });
        let outage = &mut self.outages[at];
        outage.failed += 1;
        *outage.causes.entry(cause).or_default() += 1;
        // Without an end it lasts at least until now; `note` ends it with the next answer.
        outage.over = end.is_some();
        outage.gap_ms = end.unwrap_or(now).saturating_sub(from_ms);
        self.longest_ms = self.longest_ms.max(outage.gap_ms);
        // An outage that is new and has ended is reported now: no later answer will end it.
        let is_news = known.is_err() && outage.over;
        // The oldest outage is dropped when there are too many; the indices move down by one. It may be
        // the new one, which is then not reported.
        let one_more = usize::from(self.outages.len() > SHOWN);
        self.outages.drain(..one_more);
        self.outages.get(at.checked_sub(one_more)?).filter(|_| is_news)
    }

    /// The most recent outages, in order of beginning.
    pub(super) fn outages(&self) -> &[Outage] {
        &self.outages
    }

    /// The duration of the longest outage, in ms; 0 when there was none.
    pub(super) fn longest_ms(&self) -> u64 {
        self.longest_ms
    }

    /// The latency of successful probes; `None` when there was none.
    pub(super) fn latency(&self) -> Option<Percentiles> {
        self.latency.percentiles()
    }

    /// The outage that has not ended yet.
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
