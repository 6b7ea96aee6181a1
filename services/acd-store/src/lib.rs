//! The Redis store: every change of state is one atomic script, and this is its one door.
//!
//! No `redis` type leaves this module. Every operation may be repeated, so a call whose answer was
//! lost is simply made again, with backoff, until its deadline.

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

/// What a store call gives.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Something that was to be created, and whether it was or had been there before.
#[derive(Clone, Debug)]
pub struct Stored<T> {
    /// What is there now.
    pub value: T,
    /// False: it had been there, and nothing was changed.
    pub created: bool,
}

/// A handle to the store; clones share its connections.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    target: Arc<Target>,
    /// What calls go over: all over one connection, or those of each partition over its own.
    link: Link,
    lanes: Lanes,
    /// How the database is to be used, once the processes have agreed.
    agreed: watch::Receiver<Option<Agreed>>,
    partitions: u16,
    deadline: Duration,
    /// What the scripts take for now, in ms; empty for Redis's own clock.
    clock: String,
    batches: Batches,
    /// Whose end waits for what is being sent.
    lifecycle: Lifecycle,
}

impl Store {
    /// A store on the Redis that `args` name. Returns before it is reached: calls made meanwhile
    /// wait, up to their deadline. Ends `lifecycle` with a failure when the database there was made
    /// with other settings.
    ///
    /// # Errors
    /// When the arguments can't be used whatever Redis says.
    #[expect(clippy::unused_async, reason = "callers hold it to be a connection")]
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

    /// The same store with a clock of the caller's, `now_ms` at every call, for tests and simulations.
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

    /// Into how many partitions centers are divided.
    pub fn partitions(&self) -> u16 {
        self.inner.partitions
    }

    /// The partition that a center is in.
    pub fn partition_of(&self, center: &CenterId) -> u16 {
        keys::partition(center, self.inner.partitions)
    }

    /// Resolves once the store may be used: Redis was reached, and the settings agree.
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
            Ok(Ok(agreed)) => agreed.ok_or_else(|| StoreError::broken("nothing was agreed")),
            Ok(Err(_)) => {
                Err(StoreError::unavailable("the settings don't agree with the database's"))
            }
            Err(_) => Err(StoreError::unavailable("not reached yet")),
        }
    }
}

/// Between two attempts.
const fn backoff() -> Backoff {
    Backoff::new(limits::BACKOFF.0, limits::BACKOFF.1)
}
