//! The Redis store. Every change of state is one atomic script, and all access to Redis goes through
//! this crate.
//!
//! No `redis` type is part of the public interface. Every operation is safe to retry, so a call whose
//! reply was lost is retried with back-off until its deadline.

mod call;
mod error;
pub mod limits;
mod link;
mod operations;
mod redis;
pub mod scrape;
mod values;

use std::{sync::Arc, time::Duration};

use acd_core::ids::CenterId;
use acd_process::{backoff::Backoff, lifecycle::Lifecycle};
use tokio::{sync::watch, time::timeout};

use self::{
    call::{agreement::Agreed, batch::Batches, keys},
    link::{lane::Lanes, shared::Link},
    redis::target::Target,
};
pub use self::{
    call::{
        agreement::DocumentsChoice,
        args::{RedisArgs, Secret},
    },
    error::{Refusal, StoreError},
    link::durability::DurabilityChoice,
    operations::{
        dispatch::{Assignment, Dispatched, Doorbell},
        events::EventFollower,
    },
    values::{Fault, ValueError, Values},
};

/// The result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;

/// The result of a call that creates an object.
#[derive(Clone, Debug)]
pub struct Stored<T> {
    /// The object as it is stored now.
    pub value: T,
    /// False when the object already existed. Then nothing was changed.
    pub created: bool,
}

/// A handle to the store. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    target: Arc<Target>,
    /// The one connection that all calls share, where calls don't use the lanes.
    link: Link,
    /// A connection for each partition.
    lanes: Lanes,
    /// How the database is used. `None` until it was reached and the settings were checked against it.
    agreed: watch::Receiver<Option<Agreed>>,
    partitions: u16,
    /// How long a call is retried.
    deadline: Duration,
    /// The time that the scripts use, in ms since the epoch; empty for the clock of Redis.
    clock: String,
    batches: Batches,
    /// Shutdown waits for the batches in flight.
    lifecycle: Lifecycle,
}

impl Store {
    /// A store on the Redis that `args` name. Returns before Redis is reached; calls made until then
    /// wait, up to their deadline. Ends `lifecycle` with a failure when the database was created with
    /// other settings.
    ///
    /// # Errors
    /// When the arguments are invalid, whether or not Redis is reachable.
    #[expect(clippy::unused_async, reason = "connecting is asynchronous for callers")]
    pub async fn connect(args: &RedisArgs, lifecycle: &Lifecycle) -> anyhow::Result<Self> {
        let target = Arc::new(Target::new(args.redis_url.expose(), &args.credentials()?)?);
        let (announce, agreed) = watch::channel(None);
        let store = Self {
            inner: Arc::new(Inner {
                link: Link::new(Arc::clone(&target)),
                lanes: Lanes::new(Arc::clone(&target)),
                target,
                agreed,
                partitions: args.partitions,
                deadline: args.redis_deadline,
                clock: String::new(),
                batches: Batches::default(),
                lifecycle: lifecycle.clone(),
            }),
        };
        let (agreeing, life) = (store.clone(), lifecycle.clone());
        let (documents, durability) = (args.documents, args.durability);
        lifecycle.spawn(async move {
            tokio::select! {
                () = agreeing.agree(documents, durability, &life, &announce) => {}
                () = life.stopping() => {}
            }
        });
        Ok(store)
    }

    /// The same store with a fixed clock, for tests and simulations: the scripts take `now_ms` (ms
    /// since the epoch) as the current time.
    #[must_use]
    pub fn at_time(&self, now_ms: i64) -> Self {
        let inner = &self.inner;
        Self {
            inner: Arc::new(Inner {
                target: Arc::clone(&inner.target),
                link: Link::new(Arc::clone(&inner.target)),
                lanes: Lanes::new(Arc::clone(&inner.target)),
                agreed: inner.agreed.clone(),
                partitions: inner.partitions,
                deadline: inner.deadline,
                clock: now_ms.to_string(),
                batches: Batches::default(),
                lifecycle: inner.lifecycle.clone(),
            }),
        }
    }

    /// The number of partitions over which centers are distributed.
    pub fn partitions(&self) -> u16 {
        self.inner.partitions
    }

    /// The partition of a center.
    pub fn partition_of(&self, center: &CenterId) -> u16 {
        keys::partition(center, self.inner.partitions)
    }

    /// Resolves when the store can be used: Redis was reached, and the settings match the database.
    ///
    /// # Errors
    /// When that is not the case within the deadline of a call.
    pub async fn ready(&self) -> Result<()> {
        self.agreed().await.map(|_| ())
    }

    async fn agreed(&self) -> Result<Agreed> {
        if let Some(known) = *self.inner.agreed.borrow() {
            return Ok(known);
        }
        let mut agreed = self.inner.agreed.clone();
        let known = timeout(self.inner.deadline, agreed.wait_for(Option::is_some)).await;
        match known {
            Ok(Ok(agreed)) => {
                agreed.ok_or_else(|| StoreError::broken("the settings of the database are unknown"))
            }
            Ok(Err(_)) => {
                Err(StoreError::unavailable("the settings don't match those of the database"))
            }
            Err(_) => Err(StoreError::unavailable("Redis has not been reached yet")),
        }
    }
}

/// The back-off between two attempts of a call.
const fn backoff() -> Backoff {
    Backoff::new(limits::BACKOFF.0, limits::BACKOFF.1)
}
