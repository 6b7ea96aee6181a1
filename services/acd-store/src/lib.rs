//! The Redis store: every change of state is one atomic script, and this is its one door.
//!
//! No `redis` type leaves this module. Every operation may be repeated, so a call whose answer was
//! lost is simply made again, with backoff, until its deadline.

mod call;
mod error;
mod link;
mod operations;
mod redis;
pub mod scrape;
mod values;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ::redis::{Cmd, ErrorKind, FromRedisValue, RedisError, ServerErrorKind, Value};
use acd_core::ids::CenterId;
use acd_process::{backoff::Backoff, lifecycle::Lifecycle};
use tokio::{sync::watch, time::timeout};

use self::{
    call::{agreement::Agreed, batch::Groups, keys, scripts::Script},
    link::{
        durability::Durability,
        lane::{self, Lanes},
        shared::Link,
    },
    redis::{endpoint::timed_out, target::Target},
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
    groups: Groups,
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
                groups: Groups::default(),
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
                groups: Groups::default(),
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

    /// Runs a script for a center.
    async fn call<T: FromRedisValue>(
        &self,
        script: &'static Script,
        center: &CenterId,
        args: &[&str],
    ) -> Result<T> {
        self.call_noting(script, center, args).await.answer
    }

    /// Runs a script for a center, and notes whether it may have run more than once.
    async fn call_noting<T: FromRedisValue>(
        &self,
        script: &'static Script,
        center: &CenterId,
        args: &[&str],
    ) -> Sent<T> {
        let config = keys::config(self.partition_of(center), center);
        self.run_noting(script, self.partition_of(center), Some(&config), args).await
    }

    /// Runs a script for a partition.
    async fn run<T: FromRedisValue>(
        &self,
        script: &'static Script,
        partition: u16,
        args: &[&str],
    ) -> Result<T> {
        self.run_noting(script, partition, None, args).await.answer
    }

    /// Runs a script for a partition, or with `config` for a center of it.
    async fn run_noting<T: FromRedisValue>(
        &self,
        script: &'static Script,
        partition: u16,
        config: Option<&str>,
        args: &[&str],
    ) -> Sent<T> {
        let Agreed { documents, durability } = match self.agreed().await {
            Ok(agreed) => agreed,
            Err(error) => return Sent { answer: Err(error), repeated: false },
        };
        let build = |verb: &str, code: &str| {
            let mut cmd = ::redis::cmd(verb);
            cmd.arg(code).arg(4 + usize::from(config.is_some()));
            cmd.arg(keys::dirty(partition)).arg(keys::bell(partition)).arg(keys::timers(partition));
            cmd.arg(keys::never(partition)).arg(config).arg(&self.inner.clock).arg(args);
            cmd
        };
        let whole = || build("EVAL", script.text(documents));
        let way = Way { partition, durability };
        self.send(script.name, way, build("EVALSHA", script.sha(documents)), whole).await
    }

    /// Sends a plain command that reads, for a partition.
    async fn read<T: FromRedisValue>(
        &self,
        name: &'static str,
        partition: u16,
        cmd: &Cmd,
    ) -> Result<T> {
        let way = Way { partition, durability: self.agreed().await?.durability };
        self.send(name, way, cmd.clone(), || cmd.clone()).await.answer
    }

    /// Makes attempts until one succeeds, is refused, or the deadline has passed. `whole` is what to
    /// send to a server that does not know the script: any may forget its scripts at any time, in a
    /// failover, a restart, a flush.
    async fn send<T: FromRedisValue>(
        &self,
        operation: &'static str,
        way: Way,
        mut cmd: Cmd,
        whole: impl Fn() -> Cmd + Send,
    ) -> Sent<T> {
        let began = Instant::now();
        let mut backoff = backoff();
        let mut repeated = false;
        let answer = loop {
            let left = self.inner.deadline.saturating_sub(began.elapsed());
            let attempt = timeout(left.max(lane::ROUND_LIMIT), self.attempt(way, &cmd)).await;
            match attempt.unwrap_or_else(|_| Err(timed_out())) {
                Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                    cmd = whole();
                }
                Err(error)
                    if error::is_passing(&error) && began.elapsed() < self.inner.deadline =>
                {
                    metrics::counter!("acd_store_retries_total", "operation" => operation)
                        .increment(1);
                    tracing::debug!(operation, %error, "trying again");
                    repeated = true;
                    backoff.wait().await;
                }
                answer => break answer.map_err(StoreError::from),
            }
        };
        // Decoded once it is here: what can't be read is our fault, and asking again won't help.
        let answer = answer
            .and_then(|value| ::redis::from_redis_value::<T>(value).map_err(StoreError::broken));
        let outcome = match &answer {
            Ok(_) => "ok",
            Err(StoreError::Refused(_)) => "refused",
            Err(StoreError::Unavailable(_)) => "unavailable",
            Err(StoreError::Broken(_)) => "broken",
        };
        metrics::histogram!("acd_store_call_duration_seconds", "operation" => operation, "outcome" => outcome)
            .record(began.elapsed().as_secs_f64());
        Sent { answer, repeated }
    }

    /// Sends a command once.
    async fn attempt(&self, way: Way, cmd: &Cmd) -> std::result::Result<Value, RedisError> {
        let inner = &self.inner;
        // In a cluster a node that hangs must not hold up the others' partitions.
        if way.durability == Durability::Replicated || inner.target.is_cluster() {
            inner.lanes.call(way.partition, way.durability, cmd).await
        } else {
            inner.link.call(cmd).await
        }
    }
}

/// Where a command goes, and what it takes to be answered.
#[derive(Clone, Copy, Debug)]
struct Way {
    partition: u16,
    durability: Durability,
}

/// How a call ended.
#[derive(Debug)]
struct Sent<T> {
    answer: Result<T>,
    /// An attempt before the last one failed, and may have been carried out all the same.
    repeated: bool,
}

/// Between two attempts.
const fn backoff() -> Backoff {
    Backoff::new(Duration::from_millis(10), Duration::from_millis(500))
}
