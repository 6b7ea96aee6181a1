//! The public HTTP API, one method a call.

mod call;
mod cause;
mod probe;

use std::time::Duration;

use acd_core::{
    agent::{Agent, PresenceChange},
    center::{Center, CenterSettings},
    consistency::Consistency,
    contact::Contact,
    event::EventId,
    ids::{AgentId, CenterId, ContactId},
    page::Page,
    skill::Skills,
};
use reqwest::Method;
use serde::Serialize;

pub(crate) use call::{Api, CallError, backoff};
pub(crate) use cause::Cause;
pub(crate) use probe::Probe;

/// The longest that an attempt of what looks at a whole center may take.
const LONG_CALL: Duration = Duration::from_secs(60);

/// A new agent, as it is sent.
#[derive(Debug, Serialize)]
pub(crate) struct AgentBody<'a> {
    pub(crate) id: &'a AgentId,
    pub(crate) first_name: &'a str,
    pub(crate) last_name: &'a str,
    pub(crate) skills: &'a Skills,
}

/// A new contact, as it is sent. With an id of ours a repeat makes no second contact.
#[derive(Debug, Serialize)]
struct ContactBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a ContactId>,
    skills: &'a Skills,
}

/// How a contact is ended; the name is a part of the path.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    /// The agent is done.
    Complete,
    /// The customer left while waiting.
    Abandon,
    /// We end it, wherever it is.
    Cancel,
}

impl Api {
    /// The center, if it is there.
    pub(crate) async fn center(&self, id: &CenterId) -> Result<Option<Center>, CallError> {
        self.get_optional(format!("/v1/centers/{id}")).await
    }

    /// Creates the center or changes these settings of it.
    pub(crate) async fn put_center(
        &self,
        id: &CenterId,
        settings: &CenterSettings,
    ) -> Result<Center, CallError> {
        self.send(Method::PUT, format!("/v1/centers/{id}"), settings).await
    }

    /// Creates an agent, or finds that it is there already.
    pub(crate) async fn create_agent(&self, agent: &AgentBody<'_>) -> Result<Agent, CallError> {
        self.send(Method::POST, self.path("/agents"), agent).await
    }

    /// Makes an agent ready for contacts.
    pub(crate) async fn make_ready(&self, id: &AgentId) -> Result<Agent, CallError> {
        let path = self.path(&format!("/agents/{id}/state"));
        self.send(Method::PUT, path, &PresenceChange::READY).await
    }

    /// Deletes an agent; a contact that it still has goes back to its place in the queue.
    pub(crate) async fn delete_agent(&self, id: &AgentId) -> Result<(), CallError> {
        let path = self.path(&format!("/agents/{id}?force=true"));
        match self.bytes(self.call(Method::DELETE, path)).await {
            // Not there: this is the repeat of a deletion whose answer was lost.
            Err(CallError::Refused { status: 404, .. }) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Creates a contact, or finds that it is there already.
    pub(crate) async fn create_contact(
        &self,
        id: &ContactId,
        skills: &Skills,
    ) -> Result<Contact, CallError> {
        let body = ContactBody { id: Some(id), skills };
        self.send(Method::POST, self.path("/contacts"), &body).await
    }

    /// Creates the contact that `key` stands for, or finds that it is there already.
    pub(crate) async fn create_keyed_contact(
        &self,
        key: &str,
        skills: &Skills,
    ) -> Result<Contact, CallError> {
        let body = ContactBody { id: None, skills };
        let call = self.call(Method::POST, self.path("/contacts"));
        self.json(call.with_body(&body)?.with_key(key)).await
    }

    /// Creates a contact with neither id nor key: whoever repeats this makes a second one, so we
    /// don't.
    pub(crate) async fn create_contact_once(&self, skills: &Skills) -> Result<Contact, CallError> {
        let body = ContactBody { id: None, skills };
        let call = self.call(Method::POST, self.path("/contacts"));
        self.once(call.with_body(&body)?).await
    }

    /// Every contact that waits.
    pub(crate) async fn queued(&self) -> Result<Vec<Contact>, CallError> {
        let mut queued = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = self.path(&format!("/contacts?state=queued&limit=500{cursor}"));
            let page: Page<Contact> = self.json(self.call(Method::GET, path)).await?;
            queued.extend(page.items);
            match page.next {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(queued),
            }
        }
    }

    /// Ends a contact; ending it once more in the same way is fine.
    pub(crate) async fn end(&self, id: &ContactId, how: Ending) -> Result<Contact, CallError> {
        let verb = match how {
            Ending::Complete => "complete",
            Ending::Abandon => "abandon",
            Ending::Cancel => "cancel",
        };
        let path = self.path(&format!("/contacts/{id}/{verb}"));
        self.json(self.call(Method::POST, path)).await
    }

    /// A contact, if it is there.
    pub(crate) async fn contact(&self, id: &ContactId) -> Result<Option<Contact>, CallError> {
        self.get_optional(self.path(&format!("/contacts/{id}"))).await
    }

    /// Has the server look at every invariant of the center.
    pub(crate) async fn consistency(&self) -> Result<Consistency, CallError> {
        let call = self.call(Method::GET, self.path("/consistency"));
        self.json(call::Call { limit: LONG_CALL, ..call }).await
    }

    /// Like [`Api::create_contact`], of a route that returns a constant: what HTTP alone costs. An
    /// API that was started with `ACD_BENCH_ROUTE=true` has it.
    pub(crate) async fn constant(
        &self,
        id: &ContactId,
        skills: &Skills,
    ) -> Result<Contact, CallError> {
        let body = ContactBody { id: Some(id), skills };
        self.send(Method::POST, "/bench".to_owned(), &body).await
    }

    /// The stream of events after `after`, or from now on. One attempt: the reader has its own
    /// way of coming back.
    pub(crate) async fn events(
        &self,
        after: Option<EventId>,
    ) -> Result<reqwest::Response, CallError> {
        self.stream(self.path("/events"), after.map(|id| id.to_string())).await
    }
}

#[cfg(test)]
mod tests;
