//! What dispatchers do: sleep on the doorbell, make assignments, advance timers.

use std::time::Duration;

use acd_core::ids::{AgentId, CenterId, ContactId};
use redis::aio::MultiplexedConnection;

use crate::{
    Result, Store, StoreError,
    call::{keys, scripts},
    link::shared::RESPONSE_TIMEOUT,
    redis::endpoint::timed_out,
};

/// The longest that a doorbell waits, whatever it is asked for.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// How many timers, and objects for each, one step advances at most.
const TIMERS_AT_ONCE: u32 = 100;

/// A contact that an agent got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Where.
    pub center: CenterId,
    /// Which contact.
    pub contact: ContactId,
    /// Which agent.
    pub agent: AgentId,
    /// How long the contact had waited, in ms.
    pub wait_ms: i64,
    /// How long both had been there, in ms: the time to assign, which is ours to keep short.
    pub reaction_ms: i64,
}

/// What one step did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dispatched {
    /// The assignments it made, in order.
    pub assignments: Vec<Assignment>,
    /// Work is left: dispatch again at once.
    pub more: bool,
    /// In how many ms the next timer is due; 0 when it is now.
    pub next_timer_ms: Option<i64>,
}

impl Store {
    /// Takes up work of a partition and makes every assignment that follows, `budget` steps at
    /// most. A repeat finds nothing left to do.
    pub async fn dispatch(&self, partition: u16, budget: u32) -> Result<Dispatched> {
        type Row = (String, String, String, i64, i64);
        let (more, timer, rows): (bool, i64, Vec<Row>) =
            self.run(&scripts::DISPATCH, partition, &[&budget.to_string()]).await?;
        let assignments = rows.into_iter().map(|(center, contact, agent, wait_ms, reaction_ms)| {
            Ok(Assignment {
                center: center.parse().map_err(StoreError::broken)?,
                contact: contact.parse().map_err(StoreError::broken)?,
                agent: agent.parse().map_err(StoreError::broken)?,
                wait_ms,
                reaction_ms,
            })
        });
        let assignments = assignments.collect::<Result<_>>()?;
        Ok(Dispatched { assignments, more, next_timer_ms: (timer >= 0).then_some(timer) })
    }

    /// Does what is due in a partition. Returns how many ended contacts were forgotten.
    pub async fn advance_timers(&self, partition: u16) -> Result<u64> {
        self.run(&scripts::ADVANCE_TIMERS, partition, &[&TIMERS_AT_ONCE.to_string()]).await
    }

    /// What a dispatcher of the partition sleeps on; it has a connection of its own.
    pub fn doorbell(&self, partition: u16) -> Doorbell {
        Doorbell { store: self.clone(), key: keys::bell(partition), connection: None }
    }
}

/// Tells that there may be work. Only a hint: who hears it and dies loses nothing.
pub struct Doorbell {
    store: Store,
    key: String,
    connection: Option<MultiplexedConnection>,
}

impl std::fmt::Debug for Doorbell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doorbell").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Doorbell {
    /// Waits until it rings (true), or for `at_most` (and 5 s). After an error call it again: it
    /// connects anew.
    pub async fn wait(&mut self, at_most: Duration) -> Result<bool> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            empty => {
                let target = &self.store.inner.target;
                empty.insert(target.connect_for(&self.key, MAX_WAIT * 2).await?)
            }
        };
        let mut cmd = redis::cmd("BLPOP");
        // Zero would mean for ever.
        cmd.arg(&self.key).arg(at_most.clamp(Duration::from_millis(1), MAX_WAIT).as_secs_f64());
        let limit = at_most.min(MAX_WAIT) + RESPONSE_TIMEOUT;
        let rung = tokio::time::timeout(limit, cmd.query_async(connection)).await;
        let rung: redis::RedisResult<Option<(String, String)>> =
            rung.unwrap_or_else(|_| Err(timed_out()));
        if rung.is_err() {
            self.connection = None;
        }
        let rung = rung.map_err(|error| self.store.inner.target.interpret(error));
        Ok(rung?.is_some())
    }
}
