//! Figures, explanations, and the check of every invariant.

use std::collections::{BTreeMap, HashMap};

use redis::Value;

use super::{
    Result, Store, StoreError, agents::skill_uses, centers, contacts::contact, doc::Doc, scripts,
};
use crate::{
    contact::ContactState,
    ids::{CenterId, ContactId},
    report::{
        AgentCounts, Checked, Consistency, Decision, Explanation, ServiceLevel, Stats, Violation,
        WhyWaiting,
    },
    skill::Skill,
    time::Timestamp,
};

/// The most violations that a check tells of.
const MAX_VIOLATIONS: usize = 100;

impl Store {
    /// The figures of a center, all of one instant.
    pub async fn stats(&self, id: &CenterId) -> Result<Stats> {
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

    /// Why a contact is where it is.
    pub async fn explain(&self, center: &CenterId, id: &ContactId) -> Result<Explanation> {
        let (now, doc, position, queue_position, held, qualified): (
            i64,
            Doc,
            u64,
            u64,
            Vec<Value>,
            Vec<u64>,
        ) = self.call(&scripts::EXPLAIN_CONTACT, center, &[id.as_str()]).await?;
        let contact = contact(center, id, &doc)?;
        let mut explanation = Explanation {
            contact: id.clone(),
            state: contact.state,
            waiting: None,
            decision: None,
        };
        if contact.state == ContactState::Queued {
            let skills = skill_uses(&held)?;
            let [total, available, busy, not_ready] = qualified[..] else {
                return Err(StoreError::broken("explain_contact counts four things"));
            };
            let offline = total.saturating_sub(available + busy + not_ready);
            let qualified = AgentCounts { total, available, busy, not_ready, offline };
            let missing: Vec<Skill> = skills
                .iter()
                .filter(|use_| use_.agents == 0)
                .map(|use_| use_.skill.clone())
                .collect();
            explanation.waiting = Some(WhyWaiting {
                summary: summary(&missing, &qualified),
                waited_s: Timestamp::from_ms(now).seconds_since(contact.queued_at),
                position,
                queue_position,
                required: contact.skills,
                skills,
                qualified,
                missing,
            });
        } else if let (Some(agent), Some(assigned_at)) = (contact.agent, contact.assigned_at) {
            let (idle_since, candidates, examined, exact): (i64, u64, u64, bool) =
                doc.need("decision")?;
            explanation.decision = Some(Decision {
                agent,
                idle_since: Timestamp::from_ms(idle_since),
                assigned_at,
                wait_s: assigned_at.seconds_since(contact.queued_at),
                candidates,
                examined,
                exact,
            });
        }
        Ok(explanation)
    }

    /// Looks at every invariant of a center while it works. What belongs together is looked at in
    /// one instant, so a change that comes meanwhile is never taken for a violation.
    pub async fn consistency(&self, center: &CenterId) -> Result<Consistency> {
        let mut check =
            Check { store: self, center, checked: Checked::default(), violations: Vec::new() };
        let (_, _, found): Found<u64> = self.call(&scripts::CHECK_COUNTERS, center, &[]).await?;
        check.note(found);
        for index in ["queue", "assigned", "ended"] {
            check.checked.contacts += check.pages(&scripts::CHECK_CONTACTS, &[index]).await?;
        }
        check.checked.agents = check.pages(&scripts::CHECK_AGENTS, &[]).await?;
        check.lists().await?;
        check.heads().await?;
        check.checked.signatures += check.pages(&scripts::CHECK_ASIDE, &[]).await?;
        let Check { checked, violations, .. } = check;
        Ok(Consistency {
            center: center.clone(),
            consistent: violations.is_empty(),
            checked,
            violations,
        })
    }
}

/// What a check script returns: where to go on, how many it looked at, what it found.
type Found<T> = (T, u64, Vec<(String, String, String)>);

struct Check<'a> {
    store: &'a Store,
    center: &'a CenterId,
    checked: Checked,
    violations: Vec<Violation>,
}

impl Check<'_> {
    fn note(&mut self, found: Vec<(String, String, String)>) {
        let room = MAX_VIOLATIONS.saturating_sub(self.violations.len());
        let found = found.into_iter().map(|(invariant, subject, detail)| Violation {
            invariant,
            subject,
            detail,
        });
        self.violations.extend(found.take(room));
    }

    /// Runs a script over all pages of an index. Returns how many objects it looked at.
    async fn pages(&mut self, script: &'static scripts::Script, args: &[&str]) -> Result<u64> {
        let (mut cursor, mut total) = ("0".to_owned(), 0);
        loop {
            let args = [args, &[&cursor]].concat();
            let (next, looked_at, found): Found<String> =
                self.store.call(script, self.center, &args).await?;
            self.note(found);
            total += looked_at;
            if next == "0" {
                return Ok(total);
            }
            cursor = next;
        }
    }

    /// The lists of available agents.
    async fn lists(&mut self) -> Result<()> {
        self.pages(&scripts::CHECK_LISTS, &[""]).await?;
        let mut cursor: Option<String> = None;
        loop {
            let page = self.store.skills(self.center, cursor.as_deref(), 500).await?;
            for use_ in &page.items {
                self.pages(&scripts::CHECK_LISTS, &[use_.skill.as_str()]).await?;
                self.checked.skills += 1;
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// The set-trie over the lists of waiting contacts, from its root down.
    async fn heads(&mut self) -> Result<()> {
        let mut open = vec![String::new()];
        while let Some(prefix) = open.pop() {
            let (below, listed, found): Found<Vec<String>> =
                self.store.call(&scripts::CHECK_HEADS, self.center, &[&prefix]).await?;
            self.note(found);
            self.checked.signatures += listed;
            open.extend(below);
        }
        Ok(())
    }
}

/// Why a contact waits, in a sentence.
fn summary(missing: &[Skill], qualified: &AgentCounts) -> String {
    if !missing.is_empty() {
        let names: Vec<_> = missing.iter().map(Skill::as_str).collect();
        return format!("no agent has {}", names.join(", nor "));
    }
    let AgentCounts { total, available, busy, not_ready, offline } = qualified;
    match (*total, *available) {
        (0, _) => "no agent has all the required skills".to_owned(),
        (_, 0) => format!(
            "of {total} with the skills none is available: {busy} busy, {not_ready} not ready, {offline} offline"
        ),
        (_, n) => format!(
            "{n} available with the skills: it is about to be assigned, or others come before it"
        ),
    }
}
