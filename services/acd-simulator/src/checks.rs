//! The questions asked at the end: did anybody hold two contacts, is one lost, is the center sound?

use std::{fmt, time::Duration};

use acd_core::{contact::ContactState, ids::ContactId};
use acd_measure::check::{Check, Findings, list};
use futures_util::{StreamExt, stream};
use tokio::time::Instant;

use crate::{
    api::{Api, CallError},
    feed::Feed,
};

/// How long the log may take to tell the last ends.
const LOG_LAG: Duration = Duration::from_secs(10);
/// How many contacts are read one by one: a part of those that ended, and of those that did not.
const SAMPLE: usize = 500;
/// So many reads at once.
pub(crate) const AT_ONCE: usize = 16;
/// How long the checks may take until a contact is read that should still be there.
pub(crate) const MARGIN: Duration = Duration::from_secs(30);

/// The pause before the center is looked at again.
const AGAIN: Duration = Duration::from_millis(500);

const AGREEMENT: &str = "contacts agree with the log";

/// Asks about everything that was written down since `begun`, and whether what the API shows of
/// it agrees; the center keeps ended contacts for `retention`.
pub(crate) async fn of_log(
    api: &Api,
    feed: &Feed,
    begun: Instant,
    retention: Duration,
) -> Vec<Check> {
    let mut checks = of_books(api, feed).await;
    let ended: Vec<ContactId> = feed.audit().ended().cloned().collect();
    checks.push(if begun.elapsed() + MARGIN < retention {
        agreement(api, &ended).await
    } else {
        let kept = retention.as_secs();
        let detail = format!("not read: the center forgets ended contacts after {kept} s");
        Check { name: AGREEMENT, passed: true, detail }
    });
    checks.push(consistency(api).await);
    checks
}

/// Asks whether what the event log told of contacts and agents can be true.
pub(crate) async fn of_books(api: &Api, feed: &Feed) -> Vec<Check> {
    let settled = feed.settled(LOG_LAG).await;
    let (mut checks, open, ended) = {
        let audit = feed.audit();
        let open: Vec<ContactId> = audit.without_end().cloned().collect();
        let ended = audit.ended().count();
        let read = || format!("{} contacts in the event log", ended + open.len());
        let checks = vec![
            Check::nothing_in("nobody held two contacts", audit.held_two(), read()),
            Check::nothing_in("agents had the skills", audit.unqualified(), read()),
            Check::nothing_in("events make sense", audit.out_of_order(), read()),
        ];
        (checks, open, ended)
    };
    let mut lost = Findings::default();
    if !settled {
        for (id, found) in look(api, open.iter().take(SAMPLE)).await {
            lost.add(format!("{id}: the event log tells no end; the API says {found}"));
        }
        lost.count = open.len();
    }
    let all = format!("all {ended} have an end");
    checks.push(Check::nothing_in("no contact lost", &lost, all));
    checks
}

/// Asks whether contacts that ended according to the log did so according to the API.
async fn agreement(api: &Api, ended: &[ContactId]) -> Check {
    let mut wrong = Findings::default();
    let sample = look(api, ended.iter().take(SAMPLE)).await;
    let looked = format!("{} read one by one", sample.len());
    for (id, found) in sample {
        if !found.state().is_some_and(ContactState::is_final) {
            wrong.add(format!("{id}: ended according to the event log; the API says {found}"));
        }
    }
    Check::nothing_in(AGREEMENT, &wrong, looked)
}

/// Asks whether these contacts are all waiting, as they should.
pub(crate) async fn all_waiting(api: &Api, contacts: &[ContactId]) -> Check {
    let mut wrong = Findings::default();
    let sample = look(api, contacts.iter().take(SAMPLE)).await;
    let looked = format!("{} of {} read one by one", sample.len(), contacts.len());
    for (id, found) in sample {
        if found.state() != Some(ContactState::Queued) {
            wrong.add(format!("{id}: was created; the API says {found}"));
        }
    }
    Check::nothing_in("no contact lost", &wrong, looked)
}

/// Has the server look at every invariant.
pub(crate) async fn consistency(api: &Api) -> Check {
    let name = "center is consistent";
    match api.consistency().await {
        Ok(found) => {
            let mut wrong = Findings::default();
            for v in &found.violations {
                wrong.add(format!("{}: {}: {}", v.invariant, v.subject, v.detail));
            }
            if !found.consistent && wrong.count == 0 {
                wrong.add("it does not say why".to_owned());
            }
            let n = found.checked;
            let looked = format!("{} contacts, {} agents looked at", n.contacts, n.agents);
            Check::nothing_in(name, &wrong, looked)
        }
        Err(error) => Check { name, passed: false, detail: format!("can't be told: {error}") },
    }
}

/// The same again and again until it passes, `limit` at most: the last calls of a load may still be
/// on their way.
pub(crate) async fn consistency_within(api: &Api, limit: Duration) -> Check {
    let begun = Instant::now();
    loop {
        let check = consistency(api).await;
        if check.passed || begun.elapsed() > limit {
            return check;
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// What the API says of a contact.
enum Answer {
    Found(ContactState),
    NotThere,
    Failed(CallError),
}

impl Answer {
    fn state(&self) -> Option<ContactState> {
        match self {
            Self::Found(state) => Some(*state),
            Self::NotThere | Self::Failed(_) => None,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(state) => state.fmt(f),
            Self::NotThere => f.write_str("there is no such contact"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

/// Reads each of `contacts`.
async fn look<'a>(
    api: &Api,
    contacts: impl Iterator<Item = &'a ContactId>,
) -> Vec<(&'a ContactId, Answer)> {
    let read = async |id: &'a ContactId| match api.contact(id).await {
        Ok(Some(contact)) => (id, Answer::Found(contact.state)),
        Ok(None) => (id, Answer::NotThere),
        Err(error) => (id, Answer::Failed(error)),
    };
    stream::iter(contacts).map(read).buffer_unordered(AT_ONCE).collect().await
}

/// The checks, one a line, and how often calls were repeated.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, checks: &[Check], retries: u64) -> fmt::Result {
    list(f, checks)?;
    writeln!(f, "  {retries} calls were repeated")
}
