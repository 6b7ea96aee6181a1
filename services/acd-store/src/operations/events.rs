//! The event log of a center.

use std::time::Duration;

use acd_core::{
    event::{Event, EventId},
    ids::CenterId,
};
use redis::{
    aio::MultiplexedConnection,
    streams::{StreamId, StreamRangeReply, StreamReadReply},
};

use crate::{
    Result, Store, StoreError,
    call::keys,
    link::{durability::Durability, shared::RESPONSE_TIMEOUT},
    redis::endpoint::timed_out,
};

/// The longest that a follower blocks in Redis, whatever it is asked for.
const MAX_BLOCK: Duration = Duration::from_secs(5);

/// Before another server is listened to.
const PAUSE: Duration = Duration::from_millis(20);

/// How many events one read gives at most.
const BATCH: usize = 500;

impl Store {
    /// Events after `after`, the oldest first, `limit` at most.
    pub async fn events(
        &self,
        center: &CenterId,
        after: EventId,
        limit: usize,
    ) -> Result<Vec<Event>> {
        self.center(center).await?;
        self.range(center, after, limit).await
    }

    async fn range(&self, center: &CenterId, after: EventId, limit: usize) -> Result<Vec<Event>> {
        let partition = self.partition_of(center);
        let mut cmd = redis::cmd("XRANGE");
        cmd.arg(keys::events(partition, center));
        cmd.arg(format!("({after}")).arg("+").arg("COUNT").arg(limit);
        let reply: StreamRangeReply = self.read("read_events", partition, &cmd).await?;
        reply.ids.iter().map(event).collect()
    }

    /// The id of the last event, [`EventId::START`] when there is none.
    pub async fn last_event_id(&self, center: &CenterId) -> Result<EventId> {
        self.center(center).await?;
        let partition = self.partition_of(center);
        let mut cmd = redis::cmd("XREVRANGE");
        cmd.arg(keys::events(partition, center)).arg("+").arg("-").arg("COUNT").arg(1);
        let reply: StreamRangeReply = self.read("read_last_event", partition, &cmd).await?;
        reply
            .ids
            .first()
            .map_or(Ok(EventId::START), |entry| entry.id.parse().map_err(StoreError::broken))
    }

    /// Follows the log from after `after` on, over a connection of its own.
    pub async fn follow_events(&self, center: &CenterId, after: EventId) -> Result<EventFollower> {
        self.center(center).await?;
        let key = keys::events(self.partition_of(center), center);
        let center = center.clone();
        Ok(EventFollower { store: self.clone(), center, key, after, connection: None })
    }
}

/// Reads a log as it grows.
pub struct EventFollower {
    store: Store,
    center: CenterId,
    key: String,
    after: EventId,
    connection: Option<MultiplexedConnection>,
}

impl std::fmt::Debug for EventFollower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventFollower")
            .field("key", &self.key)
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}

impl EventFollower {
    /// The events that came since the last call, waiting for one for `wait` (and 5 s) at most;
    /// none when none came. After an error it goes on where it was: call it again.
    pub async fn next(&mut self, wait: Duration) -> Result<Vec<Event>> {
        let block = wait.clamp(Duration::from_millis(1), MAX_BLOCK);
        let connection = match &mut self.connection {
            Some(connection) => connection,
            empty => {
                let target = &self.store.inner.target;
                empty.insert(target.connect_for(&self.key, MAX_BLOCK * 2).await?)
            }
        };
        let mut cmd = redis::cmd("XREAD");
        cmd.arg("COUNT").arg(BATCH).arg("BLOCK").arg(u64::try_from(block.as_millis()).unwrap_or(1));
        cmd.arg("STREAMS").arg(&self.key).arg(self.after.to_string());
        let limit = block + RESPONSE_TIMEOUT;
        let answer = tokio::time::timeout(limit, cmd.query_async(connection)).await;
        let reply: Option<StreamReadReply> = match answer.unwrap_or_else(|_| Err(timed_out())) {
            Ok(reply) => reply,
            Err(error) => {
                self.connection = None;
                return Err(self.store.inner.target.interpret(error).into());
            }
        };
        let entries = reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids);
        let mut events = entries.map(|entry| event(&entry)).collect::<Result<Vec<_>>>()?;
        if self.store.agreed().await?.durability == Durability::Replicated {
            // No replica may have them yet: they are told as any call's answer is.
            let told = self.store.range(&self.center, self.after, BATCH).await?;
            if events.is_empty() != told.is_empty() {
                // Who was listened to knows another log: it may be a primary that was given up.
                self.connection = None;
                tokio::time::sleep(PAUSE).await;
            }
            events = told;
        }
        if let Some(last) = events.last() {
            self.after = last.id;
        }
        Ok(events)
    }
}

fn event(entry: &StreamId) -> Result<Event> {
    // One field: the kind of event and, as JSON, its members.
    let (kind, value) = entry
        .map
        .iter()
        .next()
        .ok_or_else(|| StoreError::broken(format!("event {} is empty", entry.id)))?;
    let members: String = redis::from_redis_value_ref(value).map_err(StoreError::broken)?;
    let id = entry.id.parse().map_err(StoreError::broken)?;
    Event::from_log(id, kind, &members).map_err(StoreError::broken)
}
