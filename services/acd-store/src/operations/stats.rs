//! The figures of a center.

use std::collections::{BTreeMap, HashMap};

use acd_core::{
    ids::CenterId,
    stats::{AgentCounts, ServiceLevel, Stats},
    time::Timestamp,
};

use crate::{Result, Store, call::scripts, operations::centers};

impl Store {
    /// The figures of a center, all of one instant.
    pub async fn read_stats(&self, id: &CenterId) -> Result<Stats> {
        type Answer = (
            i64,
            HashMap<String, String>,
            BTreeMap<String, u64>,
            u64,
            Option<i64>,
            u64,
            u64,
            u64,
            u64,
        );
        let (now, config, raw, waiting, oldest, assigned, total, available, not_ready): Answer =
            self.call(&scripts::READ_STATS, id, &[]).await?;
        let center = centers::center(id, &config)?;
        let count = |name: &str| raw.get(name).copied().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
        let ratio = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64);
        let answered = count("contact.assigned").saturating_sub(count("reassigned"));
        let short = count("short_abandoned");
        let abandoned = count("contact.abandoned").saturating_sub(count("abandoned_after_answer"));
        let threshold = center.service_level_s;
        Ok(Stats {
            center: id.clone(),
            open: center.open,
            waiting,
            oldest_waiting_s: oldest
                .map(|at| Timestamp::from_ms(now).seconds_since(Timestamp::from_ms(at))),
            assigned,
            agents: AgentCounts {
                total,
                available,
                busy: assigned,
                not_ready,
                offline: total.saturating_sub(available + assigned + not_ready),
            },
            // contact.queued → contacts_queued
            counters: raw
                .iter()
                .filter_map(|(name, n)| {
                    name.split_once('.').map(|(noun, verb)| (format!("{noun}s_{verb}"), *n))
                })
                .collect(),
            service_level: ServiceLevel {
                value: ratio(
                    count("answered_within"),
                    (answered + abandoned).saturating_sub(short),
                ),
                threshold_s: threshold,
                answered_within: count("answered_within"),
                answered,
                abandoned,
                short_abandoned: short,
                formula: format!(
                    "answered within {threshold} s / (answered + abandoned - short_abandoned)"
                ),
            },
            asa_s: ratio(count("wait_ms"), answered).map(|ms| ms / 1000.0),
            aht_s: ratio(count("handle_ms"), count("contact.completed")).map(|ms| ms / 1000.0),
            abandonment_rate: ratio(abandoned, answered + abandoned),
        })
    }
}
