//! Contacts that are created without id and without key. Sent twice, such a request makes two: we send
//! it once, and nobody on the way may send it again.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use acd_core::{contact::Contact, ids::ContactId};
use acd_measure::check::{Check, Findings};
use futures_util::{StreamExt, stream};

use crate::{
    api::{Api, Ending},
    checks,
};

/// What was sent: by number, with the id that came back, if an answer did.
#[derive(Debug, Default)]
pub(super) struct Once(Mutex<BTreeMap<u64, Option<ContactId>>>);

impl Once {
    /// Number `n` was sent, and answered with a contact or not.
    pub(super) fn sent(&self, n: u64, answered: Option<ContactId>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(n, answered);
    }

    /// Looks for them in the queue, where all that were created still are, and cancels them. Theirs
    /// is a skill that begins with `prefix`.
    pub(super) async fn check(&self, api: &Api, prefix: &str) -> Check {
        let name = "nobody repeated what must not be repeated";
        let queued = match api.queued().await {
            Ok(queued) => queued,
            Err(error) => {
                return Check { name, passed: false, detail: format!("can't be told: {error}") };
            }
        };
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let found = by_number(&queued, prefix);
        let ids = found.values().flatten();
        stream::iter(ids)
            .for_each_concurrent(checks::AT_ONCE, async |id| {
                if let Err(error) = api.end(id, Ending::Cancel).await {
                    tracing::warn!(%id, %error, "could not be canceled");
                }
            })
            .await;
        let answered = sent.values().flatten().count();
        let fine = format!("{} sent, {answered} answered", sent.len());
        Check::nothing_in(name, &compare(&sent, &found), fine)
    }
}

/// The contacts of each number.
fn by_number(queued: &[Contact], prefix: &str) -> BTreeMap<u64, Vec<ContactId>> {
    let mut found: BTreeMap<u64, Vec<ContactId>> = BTreeMap::new();
    for contact in queued {
        let mut numbers = contact.skills.iter().filter_map(|s| s.as_str().strip_prefix(prefix));
        if let Some(number) = numbers.next().and_then(|number| number.parse().ok()) {
            found.entry(number).or_default().push(contact.id.clone());
        }
    }
    found
}

fn compare(
    sent: &BTreeMap<u64, Option<ContactId>>,
    found: &BTreeMap<u64, Vec<ContactId>>,
) -> Findings {
    let mut wrong = Findings::default();
    for (number, answered) in sent {
        let there = found.get(number).map_or(&[][..], Vec::as_slice);
        if there.len() > 1 {
            wrong.add(format!("request {number} made {} contacts", there.len()));
        }
        if let Some(id) = answered.as_ref().filter(|id| !there.contains(id)) {
            wrong.add(format!("{id} was created by request {number}, and is not there"));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(sent: &[Option<&str>], found: &[(u64, &[&str])]) -> Vec<String> {
        let id = |text: &str| text.parse::<ContactId>().unwrap();
        let sent = (0..).zip(sent.iter().map(|answered| answered.map(id))).collect();
        let found =
            found.iter().map(|(n, ids)| (*n, ids.iter().map(|t| id(t)).collect())).collect();
        compare(&sent, &found).shown
    }

    #[test]
    fn each_is_there_once_or_was_not_answered() {
        assert!(findings(&[Some("a"), None, None], &[(0, &["a"]), (1, &["b"])]).is_empty());
    }

    #[test]
    fn two_of_one_or_none_of_an_answered_one_is_wrong() {
        let twice = findings(&[None, Some("a")], &[(0, &["b", "c"]), (1, &["a"])]);
        assert_eq!(twice, ["request 0 made 2 contacts"]);
        let lost = findings(&[Some("a")], &[]);
        assert_eq!(lost, ["a was created by request 0, and is not there"]);
    }
}
