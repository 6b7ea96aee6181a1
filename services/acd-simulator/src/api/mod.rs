//! The public HTTP API, one method a call.

mod call;

use std::time::Duration;

use acd::{
    agent::{Agent, PresenceChange},
    center::{Center, CenterSettings},
    contact::Contact,
    event::EventId,
    ids::{AgentId, CenterId, ContactId},
    report::Consistency,
    skill::Skills,
};
use reqwest::Method;
use serde::Serialize;

pub(crate) use call::{Api, CallError, chain};

/// The longest that one attempt of a call may take.
const CALL: Duration = Duration::from_secs(10);
/// The same for what looks at a whole center.
const LONG_CALL: Duration = Duration::from_secs(60);

/// A new agent, as it is sent.
#[derive(Debug, Serialize)]
pub(crate) struct AgentBody<'a> {
    pub(crate) id: &'a AgentId,
    pub(crate) first_name: &'a str,
    pub(crate) last_name: &'a str,
    pub(crate) skills: &'a Skills,
}

/// A new contact, as it is sent. The id is ours, so that a repeat makes no second contact.
#[derive(Debug, Serialize)]
struct ContactBody<'a> {
    id: &'a ContactId,
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
        self.json(Method::PUT, format!("/v1/centers/{id}"), Some(settings), CALL).await
    }

    /// Creates an agent, or finds that it is there already.
    pub(crate) async fn create_agent(&self, agent: &AgentBody<'_>) -> Result<Agent, CallError> {
        self.json(Method::POST, self.path("/agents"), Some(agent), CALL).await
    }

    /// Makes an agent ready for contacts.
    pub(crate) async fn make_ready(&self, id: &AgentId) -> Result<Agent, CallError> {
        let path = self.path(&format!("/agents/{id}/state"));
        self.json(Method::PUT, path, Some(&PresenceChange::READY), CALL).await
    }

    /// Deletes an agent; a contact that it still has goes back to its place in the queue.
    pub(crate) async fn delete_agent(&self, id: &AgentId) -> Result<(), CallError> {
        let path = self.path(&format!("/agents/{id}?force=true"));
        match self.bytes(Method::DELETE, path, None, CALL).await {
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
        let body = ContactBody { id, skills };
        self.json(Method::POST, self.path("/contacts"), Some(&body), CALL).await
    }

    /// Ends a contact; ending it once more in the same way is fine.
    pub(crate) async fn end(&self, id: &ContactId, how: Ending) -> Result<Contact, CallError> {
        let verb = match how {
            Ending::Complete => "complete",
            Ending::Abandon => "abandon",
            Ending::Cancel => "cancel",
        };
        let path = self.path(&format!("/contacts/{id}/{verb}"));
        self.json(Method::POST, path, None::<&()>, CALL).await
    }

    /// A contact, if it is there.
    pub(crate) async fn contact(&self, id: &ContactId) -> Result<Option<Contact>, CallError> {
        self.get_optional(self.path(&format!("/contacts/{id}"))).await
    }

    /// Has the server look at every invariant of the center.
    pub(crate) async fn consistency(&self) -> Result<Consistency, CallError> {
        self.json(Method::GET, self.path("/consistency"), None::<&()>, LONG_CALL).await
    }

    /// Like [`Api::create_contact`], of a route that returns a constant: what HTTP alone costs. An
    /// API that was started with `ACD_BENCH_ROUTE=true` has it.
    pub(crate) async fn constant(
        &self,
        id: &ContactId,
        skills: &Skills,
    ) -> Result<Contact, CallError> {
        let body = ContactBody { id, skills };
        self.json(Method::POST, "/bench".to_owned(), Some(&body), CALL).await
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
