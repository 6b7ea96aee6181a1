//! Why a contact is where it is.

use acd_core::{
    contact::ContactState,
    explain::{Decision, Explanation, WhyWaiting},
    ids::{CenterId, ContactId},
    skill::Skill,
    stats::AgentCounts,
    time::Timestamp,
};
use redis::Value;

use crate::{
    Result, Store, StoreError,
    call::{doc::Doc, scripts},
    operations::{contacts::contact, skills::skill_uses},
};

impl Store {
    /// Why a contact is where it is.
    pub async fn explain_contact(&self, center: &CenterId, id: &ContactId) -> Result<Explanation> {
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
