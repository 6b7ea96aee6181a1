//! Operations on agents.

use crate::{
    Result, Store, StoreError, Stored,
    call::{
        doc::{Doc, json_text},
        scripts,
    },
    error::Refusal,
};
use acd_core::{
    agent::{Agent, AgentChange, NewAgent, Presence, PresenceChange, Work},
    ids::{AgentId, CenterId},
    page::Page,
};

/// How many agents one script goes through at most, so that none holds up the others for long.
pub(crate) const AT_ONCE: usize = 100;

impl Store {
    /// Creates an agent. When the id is there already, nothing is changed and what is there is returned.
    pub async fn create_agent(&self, center: &CenterId, new: &NewAgent) -> Result<Stored<Agent>> {
        let args = [
            new.id.as_str(),
            &json_text(&new.first_name)?,
            &json_text(&new.last_name)?,
            &json_text(&new.skills.sorted())?,
            new.attributes.as_ref().map_or("", |raw| raw.get()),
            new.presence.as_str(),
        ];
        let sent = self.call_noting(&scripts::CREATE_AGENT, center, &args).await;
        let (created, doc): (bool, Doc) = sent.answer?;
        let value = agent(center, &new.id, &doc)?;
        // There because an attempt of this very call put it there, and its answer was lost.
        let created = created || sent.repeated && new.describes(&value);
        Ok(Stored { value, created })
    }

    /// Reads an agent.
    pub async fn read_agent(&self, center: &CenterId, id: &AgentId) -> Result<Agent> {
        let doc: Doc = self.call(&scripts::READ_AGENT, center, &[id.as_str()]).await?;
        agent(center, id, &doc)
    }

    /// Lists agents in the order of their ids, from after `cursor` on.
    pub async fn list_agents(
        &self,
        center: &CenterId,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<Agent>> {
        let args = [cursor.unwrap_or_default(), &limit.to_string()];
        let rows: Vec<(AgentId, Doc)> = self
            .call::<Vec<(String, Doc)>>(&scripts::LIST_AGENTS, center, &args)
            .await?
            .into_iter()
            .map(|(id, doc)| Ok((id.parse().map_err(StoreError::broken)?, doc)))
            .collect::<Result<_>>()?;
        let next = rows.last().filter(|_| rows.len() == limit).map(|(id, _)| id.to_string());
        let items = rows.iter().map(|(id, doc)| agent(center, id, doc)).collect::<Result<_>>()?;
        Ok(Page { items, next })
    }

    /// Changes names, skills, attributes. A repeat gives the same again.
    pub async fn update_agent(
        &self,
        center: &CenterId,
        id: &AgentId,
        change: &AgentChange,
    ) -> Result<Agent> {
        let text = |value: &Option<String>| value.as_ref().map(json_text).transpose();
        let args = [
            id.as_str(),
            &text(&change.first_name)?.unwrap_or_default(),
            &text(&change.last_name)?.unwrap_or_default(),
            &change
                .skills
                .as_ref()
                .map(|s| json_text(&s.sorted()))
                .transpose()?
                .unwrap_or_default(),
            change.attributes.as_ref().map_or("", |raw| raw.get()),
        ];
        let doc: Doc = self.call(&scripts::UPDATE_AGENT, center, &args).await?;
        agent(center, id, &doc)
    }

    /// Deletes an agent. One that has a contact is refused, or with `force` its contact goes back to
    /// its place in the queue.
    pub async fn delete_agent(&self, center: &CenterId, id: &AgentId, force: bool) -> Result<()> {
        let force = if force { "1" } else { "0" };
        let args = [id.as_str(), force];
        let sent = self.call_noting::<()>(&scripts::DELETE_AGENT, center, &args).await;
        match sent.answer {
            // Gone because an attempt of this very call deleted it, and its answer was lost.
            Err(StoreError::Refused(Refusal::NoSuchAgent)) if sent.repeated => Ok(()),
            answer => answer,
        }
    }

    /// Sets what an agent wants; a busy one goes there when its contact has ended. A repeat changes
    /// nothing, not even the agent's place among the available.
    pub async fn set_presence(
        &self,
        center: &CenterId,
        id: &AgentId,
        change: &PresenceChange,
    ) -> Result<Agent> {
        let reason = change.reason.as_ref().map_or("", |r| r.as_str());
        let args = [id.as_str(), change.presence.as_str(), reason];
        let doc: Doc = self.call(&scripts::SET_PRESENCE, center, &args).await?;
        agent(center, id, &doc)
    }

    /// Sets what every agent wants, each in a step of its own. Returns how many there are.
    pub async fn set_presence_of_all(
        &self,
        center: &CenterId,
        change: &PresenceChange,
    ) -> Result<u64> {
        let reason = change.reason.as_ref().map_or("", |r| r.as_str());
        let (mut after, mut total) = (String::new(), 0);
        loop {
            let args = [&after, &AT_ONCE.to_string(), change.presence.as_str(), reason];
            let mut ids: Vec<String> =
                self.call(&scripts::SET_PRESENCE_OF_ALL, center, &args).await?;
            total += ids.len() as u64;
            match ids.pop() {
                Some(last) if ids.len() + 1 == AT_ONCE => after = last,
                _ => return Ok(total),
            }
        }
    }
}

/// An agent from its document.
pub(crate) fn agent(center: &CenterId, id: &AgentId, doc: &Doc) -> Result<Agent> {
    let presence = doc.need("presence")?;
    let contact = doc.get("contact")?;
    let next = doc.get::<Presence>("next_presence")?;
    let next_reason = doc.get("next_reason")?;
    Ok(Agent {
        id: id.clone(),
        center: center.clone(),
        first_name: doc.need("first_name")?,
        last_name: doc.need("last_name")?,
        skills: doc.need("skills")?,
        attributes: doc.raw("attributes"),
        presence,
        reason: doc.get("reason")?,
        next_presence: next.map(|presence| PresenceChange { presence, reason: next_reason }),
        work: if contact.is_some() { Work::Busy } else { Work::Idle },
        available: presence == Presence::Ready && contact.is_none(),
        contact,
        idle_since: doc.instant("idle_since_ms")?,
        created_at: acd_core::time::Timestamp::from_ms(doc.need("created_at_ms")?),
    })
}
