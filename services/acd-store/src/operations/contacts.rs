//! Operations on contacts.

use acd_core::{
    contact::{Contact, ContactFilter, ContactState, EndContact, NewContact, RejectionReason},
    ids::{AgentId, CenterId, ContactId},
    page::Page,
    time::Timestamp,
};
use redis::Value;

use crate::{
    Result, Store, StoreError, Stored,
    call::{
        doc::{Doc, json_text},
        keys, scripts,
    },
    error::Refusal,
};

impl Store {
    /// Creates a contact and queues it, or records that it was rejected. When the id is there
    /// already, nothing is changed and what is there is returned.
    pub async fn create_contact(
        &self,
        center: &CenterId,
        new: &NewContact,
    ) -> Result<Stored<Contact>> {
        let args = vec![
            new.id.to_string(),
            json_text(&new.skills)?,
            new.skills.signature(),
            new.priority.to_string(),
            new.attributes.as_ref().map_or_else(String::new, |raw| raw.get().to_owned()),
        ];
        let sent = self.call_batched(&scripts::CREATE_CONTACT, center, args).await;
        let answer = sent.answer?;
        if matches!(&answer, Value::Array(items) if items.len() == 1) {
            let (doc,): (Doc,) = redis::from_redis_value(answer).map_err(StoreError::broken)?;
            let mut value = contact(center, &new.id, &doc)?;
            if value.state == ContactState::Queued {
                // Boxed because it is rare: it would double what every new contact takes meanwhile.
                value = Box::pin(self.read_contact(center, &new.id)).await?;
            }
            // There because an attempt of this very call put it there, and its answer was lost.
            let created = sent.repeated && new.describes(&value);
            return Ok(Stored { value, created });
        }
        let (now, reason, position): (i64, Option<String>, u64) =
            redis::from_redis_value(answer).map_err(StoreError::broken)?;
        let reason: Option<RejectionReason> =
            reason.map(|reason| reason.parse()).transpose().map_err(StoreError::broken)?;
        let now = Timestamp::from_ms(now);
        let queued = reason.is_none();
        let value = Contact {
            id: new.id.clone(),
            center: center.clone(),
            state: if queued { ContactState::Queued } else { ContactState::Rejected },
            skills: new.skills.clone(),
            priority: new.priority,
            attributes: new.attributes.clone(),
            queued_at: now,
            assigned_at: None,
            ended_at: (!queued).then_some(now),
            agent: None,
            reason,
            requeues: 0,
            position: queued.then_some(position),
            estimated_wait_s: None,
        };
        Ok(Stored { value, created: true })
    }

    /// Reads a contact, with its position and estimated wait while it is queued.
    pub async fn read_contact(&self, center: &CenterId, id: &ContactId) -> Result<Contact> {
        let (doc, position, queue_position, handle_ms, completed, at_work): (
            Doc,
            u64,
            u32,
            f64,
            f64,
            u32,
        ) = self.call(&scripts::READ_CONTACT, center, &[id.as_str()]).await?;
        let mut contact = contact(center, id, &doc)?;
        if contact.state == ContactState::Queued {
            contact.position = Some(position);
            let known = completed > 0.0 && at_work > 0;
            contact.estimated_wait_s = known.then(|| {
                let handling_s = handle_ms / completed / 1000.0;
                (f64::from(queue_position) * handling_s / f64::from(at_work) * 10.0).round() / 10.0
            });
        }
        Ok(contact)
    }

    /// Lists contacts, from after `cursor` on.
    pub async fn list_contacts(
        &self,
        center: &CenterId,
        filter: ContactFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<Contact>> {
        let index = match filter {
            ContactFilter::Queued => keys::QUEUE,
            ContactFilter::Assigned => keys::ASSIGNED,
            ContactFilter::Ended => keys::ENDED,
        };
        // A cursor is the score and id of the last one listed.
        let (score, after) = match cursor {
            None => ("", String::new()),
            Some(text) => {
                let (score, id) = text.split_once('~').ok_or(Refusal::BadCursor)?;
                let id: ContactId = id.parse().map_err(|_| Refusal::BadCursor)?;
                score.parse::<i64>().map_err(|_| Refusal::BadCursor)?;
                (score, id.to_string())
            }
        };
        let rows: Vec<(ContactId, String, Doc)> = self
            .call::<Vec<Value>>(
                &scripts::LIST_CONTACTS,
                center,
                &[index, score, &after, &limit.to_string()],
            )
            .await?
            .chunks_exact(3)
            .map(|row| {
                let (id, score, doc): (String, String, Doc) =
                    redis::from_redis_value(Value::Array(row.to_vec()))
                        .map_err(StoreError::broken)?;
                Ok((id.parse().map_err(StoreError::broken)?, score, doc))
            })
            .collect::<Result<_>>()?;
        let next = rows
            .last()
            .filter(|_| rows.len() == limit)
            .map(|(id, score, _)| format!("{score}~{id}"));
        let items =
            rows.iter().map(|(id, _, doc)| contact(center, id, doc)).collect::<Result<_>>()?;
        Ok(Page { items, next })
    }

    /// Ends a contact and frees the agent that has it. A repeat changes nothing; another end than
    /// the one it has, or one that its state does not allow, is refused.
    pub async fn end_contact(
        &self,
        center: &CenterId,
        id: &ContactId,
        how: EndContact,
    ) -> Result<Contact> {
        // What an assigned contact becomes, and what a queued one.
        let (if_assigned, if_queued) = match how {
            EndContact::Complete => ("completed", ""),
            EndContact::Cancel => ("canceled", "canceled"),
            EndContact::Abandon => ("", "abandoned"),
            EndContact::Finish => ("completed", "abandoned"),
        };
        let args = vec![id.to_string(), if_assigned.to_owned(), if_queued.to_owned()];
        let answer = self.call_batched(&scripts::END_CONTACT, center, args).await.answer?;
        let (doc,): (Doc,) = redis::from_redis_value(answer).map_err(StoreError::broken)?;
        contact(center, id, &doc)
    }

    /// Takes a contact from `agent`, or from whoever has it now, and puts it back in its place in
    /// the queue. When it is queued, or another agent has it, nothing changes; an ended one is refused.
    pub async fn requeue_contact(
        &self,
        center: &CenterId,
        id: &ContactId,
        agent: Option<&AgentId>,
    ) -> Result<Contact> {
        // Whom it is taken from is settled before the first attempt: a dispatcher may give it to the
        // next agent before the second.
        let agent = match agent {
            Some(agent) => agent.clone(),
            None => match self.read_contact(center, id).await? {
                Contact { state: ContactState::Assigned, agent: Some(agent), .. } => agent,
                queued @ Contact { state: ContactState::Queued, .. } => return Ok(queued),
                Contact { state, .. } => {
                    return Err(Refusal::StateConflict { state: state.to_string() }.into());
                }
            },
        };
        let args = [id.as_str(), agent.as_str()];
        self.call::<Value>(&scripts::REQUEUE_CONTACT, center, &args).await?;
        self.read_contact(center, id).await
    }
}

/// A contact from its document, without what only its place in the queue tells.
pub(crate) fn contact(center: &CenterId, id: &ContactId, doc: &Doc) -> Result<Contact> {
    Ok(Contact {
        id: id.clone(),
        center: center.clone(),
        state: doc.need("state")?,
        skills: doc.need("skills")?,
        priority: doc.get("priority")?.unwrap_or(0),
        attributes: doc.raw("attributes"),
        queued_at: Timestamp::from_ms(doc.need("queued_at_ms")?),
        assigned_at: doc.instant("assigned_at_ms")?,
        ended_at: doc.instant("ended_at_ms")?,
        agent: doc.get("agent")?,
        reason: doc.get("reason")?,
        requeues: doc.get("requeues")?.unwrap_or(0),
        position: None,
        estimated_wait_s: None,
    })
}
