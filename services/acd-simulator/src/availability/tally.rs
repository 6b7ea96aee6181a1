//! What was asked of the ACD, and what came of it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use acd_measure::{
    check::Findings,
    latency::{Latency, Percentiles},
};
use serde::Serialize;

use crate::api::CallError;

/// An operation: a call with all its attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Operation {
    /// POST contacts with an id or a key; from when it was due.
    Create,
    /// GET a contact.
    Read,
    /// POST complete.
    Complete,
    /// POST contacts with neither: one attempt.
    CreateOnce,
}

impl Operation {
    /// As the report calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Complete => "complete",
            Self::CreateOnce => "create, never repeated",
        }
    }
}

/// The count so far.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counts>);

/// What it comes to.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    /// Contacts that were due.
    pub(super) begun: u64,
    /// Contacts that were created, assigned, read and completed.
    pub(super) completed: u64,
    operations: BTreeMap<Operation, (Latency, u64)>,
    /// From created to assigned, as its event tells.
    waits: Latency,
    /// What failed in spite of every repeat.
    pub(super) failures: Findings,
    /// What failed and was not repeated.
    pub(super) not_repeated: Findings,
    /// Answers that can't be.
    pub(super) wrong: Findings,
}

/// What one kind of operation comes to.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Total {
    pub(super) ok: u64,
    /// In spite of every repeat.
    pub(super) failed: u64,
    pub(super) latency: Option<Percentiles>,
}

impl Tally {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A contact is due.
    pub(super) fn begin(&self) {
        self.lock().begun += 1;
    }

    /// A contact's life went as it should.
    pub(super) fn completed(&self) {
        self.lock().completed += 1;
    }

    /// A contact waited so long for its agent.
    pub(super) fn waited(&self, ms: i64) {
        self.lock().waits.record_ms(ms);
    }

    /// An operation took `time`; gives its result if it has one.
    pub(super) fn took<T>(
        &self,
        what: Operation,
        time: Duration,
        result: Result<T, CallError>,
    ) -> Option<T> {
        let mut counts = self.lock();
        let (latency, failed) = counts.operations.entry(what).or_default();
        match result {
            Ok(answer) => {
                latency.record(time);
                return Some(answer);
            }
            Err(error) => {
                *failed += 1;
                let text = format!("{}: {error}", what.name());
                match error {
                    // What is never repeated may fail: it has its own line.
                    CallError::Unavailable { .. } if what == Operation::CreateOnce => {
                        counts.not_repeated.add(text);
                    }
                    CallError::Unavailable { .. } => counts.failures.add(text),
                    CallError::Refused { .. } | CallError::Broken(_) => counts.wrong.add(text),
                }
            }
        }
        None
    }

    /// Something failed that is no call.
    pub(super) fn fail(&self, why: String) {
        self.lock().failures.add(why);
    }

    /// An answer that can't be.
    pub(super) fn wrong(&self, why: String) {
        self.lock().wrong.add(why);
    }

    /// Everything so far.
    pub(super) fn counts(&self) -> Counts {
        self.lock().clone()
    }
}

impl Counts {
    /// Each operation's figures.
    pub(super) fn operations(&self) -> BTreeMap<Operation, Total> {
        let total = |(what, (latency, failed)): (&Operation, &(Latency, u64))| {
            let latency = latency.percentiles();
            (*what, Total { ok: latency.map_or(0, |p| p.count), failed: *failed, latency })
        };
        self.operations.iter().map(total).collect()
    }

    /// How long contacts waited for their agents.
    pub(super) fn waits(&self) -> Option<Percentiles> {
        self.waits.percentiles()
    }
}
