//! What the contacts of a run come to, by the definitions of the design.

use std::time::Duration;

use acd_core::contact::ContactState;
use acd_measure::latency::{Latency, Percentiles};
use serde::Serialize;

use super::caller::Outcome;

/// What counts as quick.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thresholds {
    /// Answered within this time is well served.
    pub(super) service_level: Duration,
    /// Who left sooner than this counts neither for nor against us.
    pub(super) short_abandon: Duration,
}

/// Every contact counts in exactly one of `answered`, `abandoned`, `rejected`, `canceled` and
/// `failed`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    /// Found an agent, each once however often it was requeued.
    pub(super) answered: usize,
    /// Answered and talked to the end.
    pub(super) completed: usize,
    /// Left while waiting.
    pub(super) abandoned: usize,
    /// Left sooner than counts.
    pub(super) short_abandoned: usize,
    /// Never queued: the center was closed or full.
    pub(super) rejected: usize,
    /// Ended while waiting by us, when we were asked to stop, or by somebody else.
    pub(super) canceled: usize,
    /// Ended we don't know how.
    pub(super) failed: usize,
    /// From 0 to 1.
    pub(super) service_level: Option<f64>,
    /// How `service_level` follows from the rest.
    pub(super) service_level_formula: String,
    /// Mean speed of answer.
    pub(super) asa_s: Option<f64>,
    /// Average handling time, of those who talked to the end.
    pub(super) aht_s: Option<f64>,
    /// Abandoned ÷ (answered + abandoned).
    pub(super) abandonment_rate: Option<f64>,
    /// The part of their time that the agents talked.
    pub(super) occupancy: Option<f64>,
    /// From the first arrival to the last end.
    pub(super) span_s: f64,
    /// From arrival to an agent, of those who were answered.
    pub(super) wait: Option<Percentiles>,
    /// From the moment when both the contact and an agent for it were there.
    pub(super) reaction: Option<Percentiles>,
}

impl Figures {
    /// The figures of these contacts, served by so many agents.
    pub(super) fn of(outcomes: &[Outcome], agents: u32, thresholds: Thresholds) -> Self {
        let known = || outcomes.iter().filter_map(|o| o.contact.as_ref().map(|c| (o, c)));
        let count =
            |state| known().filter(|(_, c)| c.assigned_at.is_none() && c.state == state).count();

        let talks: Vec<(i64, bool)> = known()
            .filter_map(|(outcome, c)| {
                let ms = c.ended_at?.ms() - c.assigned_at?.ms();
                Some((ms, c.state == ContactState::Completed && !outcome.cut_short))
            })
            .collect();
        let full: Vec<i64> = talks.iter().filter(|(_, full)| *full).map(|(ms, _)| *ms).collect();
        let waits: Vec<i64> =
            known().filter_map(|(_, c)| Some(c.assigned_at?.ms() - c.queued_at.ms())).collect();
        let left: Vec<i64> = known()
            .filter(|(_, c)| c.assigned_at.is_none() && c.state == ContactState::Abandoned)
            .filter_map(|(_, c)| Some(c.ended_at?.ms() - c.queued_at.ms()))
            .collect();

        let first = known().map(|(_, c)| c.queued_at.ms()).min().unwrap_or(0);
        let last = known().filter_map(|(_, c)| Some(c.ended_at?.ms())).max().unwrap_or(first);
        let talked: i64 = talks.iter().map(|(ms, _)| *ms).sum();
        let short = left.iter().filter(|ms| **ms < millis(thresholds.short_abandon)).count();
        let within = waits.iter().filter(|ms| **ms <= millis(thresholds.service_level)).count();
        let (answered, abandoned) = (waits.len(), left.len());
        let counted = answered + abandoned - short;
        Self {
            answered,
            completed: full.len(),
            abandoned,
            short_abandoned: short,
            rejected: count(ContactState::Rejected),
            canceled: count(ContactState::Canceled),
            failed: outcomes.iter().filter(|o| o.contact.is_none()).count(),
            service_level: ratio(within, counted),
            service_level_formula: format!(
                "answered within {} s / (answered + abandoned - short_abandoned) = \
                 {within} / ({answered} + {abandoned} - {short})",
                thresholds.service_level.as_secs_f64(),
            ),
            asa_s: mean_s(&waits),
            aht_s: mean_s(&full),
            abandonment_rate: ratio(abandoned, answered + abandoned),
            occupancy: (agents > 0 && last > first)
                .then(|| float(talked) / (f64::from(agents) * float(last - first))),
            span_s: float(last - first) / 1000.0,
            wait: waits.iter().copied().collect::<Latency>().percentiles(),
            reaction: outcomes
                .iter()
                .filter_map(|o| Some(o.assigned.as_ref()?.reaction_ms))
                .collect::<Latency>()
                .percentiles(),
        }
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "counts and ms of a run are far below 2^53")]
fn float(n: i64) -> f64 {
    n as f64
}

fn ratio(part: usize, whole: usize) -> Option<f64> {
    let float = |n: usize| float(i64::try_from(n).unwrap_or(i64::MAX));
    (whole > 0).then(|| float(part) / float(whole))
}

fn mean_s(ms: &[i64]) -> Option<f64> {
    let n = i64::try_from(ms.len()).ok().filter(|n| *n > 0)?;
    Some(float(ms.iter().sum()) / float(n) / 1000.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A contact with its times in ms after the hour.
    fn outcome(state: &str, queued: i64, assigned: Option<i64>, ended: i64) -> Outcome {
        let at = |ms: i64| acd_core::time::Timestamp::from_ms(1_800_000_000_000 + ms);
        let contact = json!({
            "id": "c", "center": "main", "state": state, "skills": [], "priority": 0,
            "queued_at": at(queued), "assigned_at": assigned.map(at), "ended_at": at(ended),
            "requeues": 0,
        });
        Outcome { contact: serde_json::from_value(contact).unwrap(), ..Outcome::default() }
    }

    const QUICK: Thresholds = Thresholds {
        service_level: Duration::from_millis(500),
        short_abandon: Duration::from_millis(100),
    };

    #[test]
    fn follow_their_definitions() {
        let outcomes = [
            outcome("completed", 0, Some(100), 2100), // waits 0.1 s, talks 2 s
            outcome("completed", 1000, Some(1500), 5500), // exactly T, talks 4 s
            outcome("completed", 1000, Some(1900), 4900), // waits 0.9 s, talks 3 s
            outcome("abandoned", 2000, None, 2099),   // too soon to count
            outcome("abandoned", 2000, None, 2100),
            outcome("rejected", 2000, None, 2000),
            outcome("canceled", 2000, None, 10_000),
            Outcome { failure: Some("gone".into()), ..Outcome::default() },
        ];
        let f = Figures::of(&outcomes, 2, QUICK);
        assert_eq!((f.answered, f.completed, f.abandoned, f.short_abandoned), (3, 3, 2, 1));
        assert_eq!((f.rejected, f.canceled, f.failed), (1, 1, 1));
        assert_eq!(f.service_level, Some(0.5));
        assert!(f.service_level_formula.ends_with("= 2 / (3 + 2 - 1)"));
        assert_eq!((f.asa_s, f.aht_s), (Some(0.5), Some(3.0)));
        assert_eq!(f.abandonment_rate, Some(0.4));
        assert_eq!((f.span_s, f.occupancy), (10.0, Some(9.0 / 20.0)));
    }

    #[test]
    fn a_talk_cut_short_is_answered_but_no_handling_time() {
        let mut cut = outcome("completed", 0, Some(0), 100);
        cut.cut_short = true;
        let f = Figures::of(&[cut, outcome("canceled", 0, Some(0), 300)], 1, QUICK);
        assert_eq!((f.answered, f.completed, f.canceled, f.aht_s), (2, 0, 0, None));
    }

    #[test]
    fn of_nothing_is_nothing() {
        let f = Figures::of(&[], 0, QUICK);
        assert_eq!((f.service_level, f.asa_s, f.aht_s, f.occupancy), (None, None, None, None));
    }
}
