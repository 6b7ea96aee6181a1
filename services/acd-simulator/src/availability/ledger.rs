//! What the ACD told us of every contact, and whether in the end that is how things are.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use acd_core::{
    contact::{Contact, ContactState},
    ids::{AgentId, ContactId},
};
use acd_measure::check::{Check, Findings};
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::{
    api::{Api, Ending},
    checks,
};

/// The last thing we were told of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Created,
    Assigned,
    Completed,
    Canceled,
}

#[derive(Clone, Debug)]
struct Entry {
    told: Told,
    agent: Option<AgentId>,
    at: Instant,
}

/// Every contact that was acknowledged, and those that we lost sight of.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    entries: HashMap<ContactId, Entry>,
    astray: Vec<ContactId>,
}

impl Ledger {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// We were told so.
    pub(super) fn told(&self, contact: &ContactId, told: Told, agent: Option<&AgentId>) {
        let (agent, at) = (agent.cloned(), Instant::now());
        self.pages().entries.insert(contact.clone(), Entry { told, agent, at });
    }

    /// Its life did not go as it should: it may be there or not, and is canceled in the end.
    pub(super) fn astray(&self, contact: ContactId) {
        self.pages().astray.push(contact);
    }

    /// Cancels what is astray, so that nothing of ours waits for ever.
    pub(super) async fn tidy(&self, api: &Api) {
        let astray = std::mem::take(&mut self.pages().astray);
        let mut canceled = stream::iter(astray)
            .map(async |id| api.end(&id, Ending::Cancel).await.map(|_| id))
            .buffer_unordered(checks::AT_ONCE)
            .boxed();
        while let Some(result) = canceled.next().await {
            // Not there, or ended in some other way after all: the reading tells which may be.
            let Ok(id) = result else { continue };
            if let Some(entry) = self.pages().entries.get_mut(&id) {
                entry.told = Told::Canceled;
            }
        }
    }

    /// Reads every contact; the center keeps ended ones for `retention`.
    pub(super) async fn check(&self, api: &Api, retention: Duration) -> Check {
        let name = "every acknowledged contact is as we were told";
        let all = self.pages().entries.clone();
        let count = all.len();
        let (recent, old): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, entry)| {
            let ended = matches!(entry.told, Told::Completed | Told::Canceled);
            !ended || entry.at.elapsed() + checks::MARGIN < retention
        });
        let mut wrong = Findings::default();
        let mut read = stream::iter(recent)
            .map(async |(id, entry)| (api.contact(&id).await, id, entry))
            .buffer_unordered(checks::AT_ONCE)
            .boxed();
        while let Some((found, id, entry)) = read.next().await {
            let fits = match found {
                Ok(found) => entry.fits(found.as_ref()),
                Err(error) => Err(error.to_string()),
            };
            if let Err(why) = fits {
                wrong.add(format!("{id}: {why}"));
            }
        }
        let old = match old.len() {
            0 => String::new(),
            n => format!(", but {n} that the center may have forgotten by now"),
        };
        Check::nothing_in(name, &wrong, format!("all {count} read one by one{old}"))
    }
}

impl Entry {
    /// Whether a contact that we were told this of may be found so.
    fn fits(&self, found: Option<&Contact>) -> Result<(), String> {
        use ContactState as S;
        let Some(found) = found else {
            return Err(format!("lost: we were told {:?}, there is no such contact", self.told));
        };
        let fits = match self.told {
            // An answer that never came may have ended it.
            Told::Created | Told::Assigned => {
                matches!(found.state, S::Queued | S::Assigned | S::Completed | S::Canceled)
            }
            Told::Completed => found.state == S::Completed,
            Told::Canceled => found.state == S::Canceled,
        };
        if !fits {
            return Err(format!("we were told {:?}, it is {}", self.told, found.state));
        }
        match (&self.agent, &found.agent) {
            (Some(first), second)
                if self.told != Told::Canceled && second.as_ref() != Some(first) =>
            {
                let second = second.as_ref().map_or("nobody", AgentId::as_str);
                Err(format!("we were told that {first} had it, it is with {second}"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contact(state: &str, agent: Option<&str>) -> Contact {
        let at = "2026-01-01T00:00:00Z";
        let contact = json!({
            "id": "c", "center": "main", "state": state, "skills": [], "priority": 0,
            "queued_at": at, "agent": agent, "requeues": 0,
        });
        serde_json::from_value(contact).unwrap()
    }

    fn fits(told: Told, agent: Option<&str>, found: Option<&Contact>) -> Result<(), String> {
        let agent = agent.map(|id| id.parse().unwrap());
        Entry { told, agent, at: Instant::now() }.fits(found)
    }

    #[test]
    fn what_is_gone_is_lost() {
        for told in [Told::Created, Told::Assigned, Told::Completed, Told::Canceled] {
            assert!(fits(told, None, None).unwrap_err().contains("lost"));
        }
    }

    #[test]
    fn what_we_were_told_last_may_not_go_back() {
        let done = |state, told| fits(told, Some("a"), Some(&contact(state, Some("a")))).is_ok();
        assert!(done("completed", Told::Completed) && done("completed", Told::Assigned));
        assert!(done("assigned", Told::Assigned) && done("canceled", Told::Canceled));
        assert!(!done("assigned", Told::Completed), "its end was forgotten");
        assert!(!done("completed", Told::Canceled) && !done("abandoned", Told::Assigned));
    }

    #[test]
    fn nobody_else_may_have_it() {
        let with = |agent| fits(Told::Completed, Some("a"), Some(&contact("completed", agent)));
        assert!(with(Some("a")).is_ok());
        assert!(with(Some("b")).unwrap_err().contains("a had it, it is with b"));
        assert!(with(None).unwrap_err().contains("nobody"));
    }
}
