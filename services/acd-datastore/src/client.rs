//! One client: a connection of its own, keys of its own, one operation after the other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use acd_store::{ValueError, Values};
use anyhow::Context;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    content::{Content, Wrong},
    results::{self, Files, Second},
    size::Size,
    tally::{Counts, MISSING, OK, OLDER, Operation, Outcome, WRONG},
};

/// The pause after what failed, so that an outage is not counted by how fast one can be refused.
const PAUSE: Duration = Duration::from_millis(20);
/// How long a client tries to remove its keys.
const TIDIES: Duration = Duration::from_secs(10);

/// One size that is set, or got, by all clients at the same time.
#[derive(Debug)]
pub(crate) struct Phase {
    pub(crate) operation: Operation,
    pub(crate) size: Size,
    pub(crate) begun: Instant,
    pub(crate) lasts: Duration,
    pub(crate) stopping: CancellationToken,
    /// By all clients, for the progress bar.
    pub(crate) done: AtomicU64,
    pub(crate) failed: AtomicU64,
}

impl Phase {
    fn is_over(&self) -> bool {
        self.begun.elapsed() >= self.lasts || self.stopping.is_cancelled()
    }
}

/// A key, and what we know of its value.
#[derive(Debug)]
struct Key {
    name: String,
    /// The last write that was acknowledged, unless it was found to be gone.
    acknowledged: Option<u64>,
    /// The last write that was tried.
    tried: u64,
}

/// One client.
#[derive(Debug)]
pub(crate) struct Client {
    number: u32,
    values: Values,
    keys: Vec<Key>,
    content: Content,
    /// Counts writes, of all keys and sizes.
    turn: u64,
    pub(crate) files: Files,
}

impl Client {
    pub(crate) fn new(
        number: u32,
        values: Values,
        keys: impl Iterator<Item = String>,
        size: Size,
        files: Files,
    ) -> Self {
        let key = |name| Key { name, acknowledged: None, tried: 0 };
        let content = Content::new(number, size);
        Self { number, values, keys: keys.map(key).collect(), content, turn: 0, files }
    }

    /// From now on values have this size.
    pub(crate) fn resize(&mut self, size: Size) {
        self.content = Content::new(self.number, size);
        for key in &mut self.keys {
            key.acknowledged = None;
        }
    }

    /// Writes what is not there yet, so that there is something to get. Leaves off at the first
    /// failure: it will be met again.
    pub(crate) async fn fill(&mut self, stopping: &CancellationToken) {
        for key in 0..self.keys.len() {
            if self.keys[key].acknowledged.is_some() {
                continue;
            }
            let written = tokio::select! {
                written = self.write(key) => written,
                () = stopping.cancelled() => return,
            };
            if written.is_err() {
                return;
            }
        }
    }

    /// Does the phase's operation until it is over. Gives itself back whatever happened.
    pub(crate) async fn work(mut self, phase: Arc<Phase>) -> (Self, anyhow::Result<Counts>) {
        let worked = self.operate(&phase).await.context("write the raw results");
        (self, worked)
    }

    async fn operate(&mut self, phase: &Phase) -> std::io::Result<Counts> {
        let what = (phase.operation, phase.size);
        let (mut counts, mut second, mut now) = (Counts::default(), Second::new(), 0);
        for turn in 0.. {
            if phase.is_over() {
                break;
            }
            let (outcome, took) = tokio::select! {
                ended = self.turn(phase.operation, turn % self.keys.len()) => ended,
                () = phase.stopping.cancelled() => break,
            };
            counts.add(outcome, took);
            // On this thread: a few hundred lines a second.
            let at = phase.begun.elapsed().as_secs();
            if at != now {
                self.files.raw(phase.operation).second(what, now, &second)?;
                second.clear();
                now = at;
            }
            *second.entry((outcome, results::us(took))).or_default() += 1;
            if outcome == OK {
                phase.done.fetch_add(1, Ordering::Relaxed);
            } else {
                phase.failed.fetch_add(1, Ordering::Relaxed);
                sleep(PAUSE).await;
            }
        }
        self.files.raw(phase.operation).second(what, now, &second)?;
        counts.lasted(phase.begun.elapsed());
        Ok(counts)
    }

    /// One operation: how it ended, and how long it took. What must be there before, a connection
    /// and a value to get, is not part of it unless it fails.
    async fn turn(&mut self, operation: Operation, key: usize) -> (Outcome, Duration) {
        let mut begun = Instant::now();
        let ended = async {
            self.values.connect().await?;
            if operation == Operation::Get && self.keys[key].acknowledged.is_none() {
                self.write(key).await?;
            }
            begun = Instant::now();
            match operation {
                Operation::Set => self.write(key).await.map(|()| OK),
                Operation::Get => self.read(key).await,
            }
        };
        let ended: Result<Outcome, ValueError> = ended.await;
        (ended.unwrap_or_else(|error| error.fault.code()), begun.elapsed())
    }

    async fn write(&mut self, key: usize) -> Result<(), ValueError> {
        self.turn += 1;
        let known = &mut self.keys[key];
        known.tried = self.turn;
        let value = self.content.write(number(key), self.turn);
        self.values.set(&known.name, value).await?;
        known.acknowledged = Some(self.turn);
        Ok(())
    }

    async fn read(&mut self, key: usize) -> Result<Outcome, ValueError> {
        let known = &mut self.keys[key];
        let read = self.values.get(&known.name).await?;
        let acknowledged = known.acknowledged.unwrap_or(0);
        let outcome = match read {
            None => MISSING,
            Some(read) => match self.content.check(&read, number(key), acknowledged, known.tried) {
                Ok(()) => return Ok(OK),
                Err(Wrong::Older) => OLDER,
                Err(Wrong::Other) => WRONG,
            },
        };
        // Counted once: it is written anew before it is read again.
        known.acknowledged = None;
        Ok(outcome)
    }

    /// Removes its keys, for as long as it takes within reason. Gives how many are left.
    pub(crate) async fn tidy(&mut self) -> usize {
        let until = Instant::now() + TIDIES;
        let mut written = self.keys.iter().filter(|key| key.tried > 0);
        let mut next = written.next();
        while let Some(key) = next {
            if self.values.remove(&key.name).await.is_ok() {
                next = written.next();
            } else if Instant::now() > until {
                return 1 + written.count();
            } else {
                sleep(PAUSE).await;
            }
        }
        0
    }
}

/// The number of a key, as it is in its values.
fn number(key: usize) -> u32 {
    u32::try_from(key).unwrap_or(u32::MAX)
}
