//! The calls of a partition over a connection of its own, in rounds: all that came while one round
//! was on its way go together as the next, in one pipeline.
//!
//! Where calls are to be replicated a round ends with a mark, a write of its own, and with WAIT, which
//! returns when a replica has everything that the primary did up to the mark. Only then is anybody
//! told anything, also of what was merely read and of refusals: they tell of what others wrote. So
//! nobody knows of anything that the loss of the primary could undo. A round that no replica confirms
//! has failed for everybody in it, and is made again as any call is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use redis::{
    Cmd, Pipeline, RedisError, RedisResult, Value,
    aio::{ConnectionLike, MultiplexedConnection},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{
    alone,
    connect::{Target, timed_out},
    durability::Durability,
    error::spoils_connection,
    keys,
    link::RESPONSE_TIMEOUT,
};

/// The most calls that go together.
const MOST: usize = 64;
/// How long a replica has to confirm a round, in ms. One that is well takes less than one.
const WAIT_MS: u64 = 500;
/// How long a round may take.
pub(super) const ROUND_LIMIT: Duration =
    Duration::from_millis(WAIT_MS).saturating_add(RESPONSE_TIMEOUT);
/// Between two attempts to connect, however many callers want it.
const PAUSE: Duration = Duration::from_millis(10);

/// A write that leaves nothing behind but itself. As a script, because SET would be refused when the
/// memory is full, and with it the calls that make room.
const MARK: &str = "#!lua flags=allow-oom\nreturn redis.call('SET', KEYS[1], '')";

/// The lanes of a process, one for each partition that it has called.
#[derive(Debug)]
pub(super) struct Lanes {
    target: Arc<Target>,
    open: Mutex<HashMap<u16, mpsc::UnboundedSender<Call>>>,
}

#[derive(Debug)]
struct Call {
    cmd: Cmd,
    tell: oneshot::Sender<RedisResult<Value>>,
}

impl Lanes {
    pub(super) fn new(target: Arc<Target>) -> Self {
        Self { target, open: Mutex::default() }
    }

    /// Sends a command once, in the partition's next round.
    pub(super) async fn call(
        &self,
        partition: u16,
        durability: Durability,
        cmd: &Cmd,
    ) -> RedisResult<Value> {
        let (tell, told) = oneshot::channel();
        // It fails only when the runtime ends, and then nobody is told.
        let _ = self.lane(partition, durability).send(Call { cmd: cmd.clone(), tell });
        // It may have to wait for the end of the round before.
        match timeout(ROUND_LIMIT * 2, told).await {
            Ok(Ok(answer)) => answer,
            _ => Err(timed_out()),
        }
    }

    fn lane(&self, partition: u16, durability: Durability) -> mpsc::UnboundedSender<Call> {
        // Nothing panics while it is held, and what it guards is whole at every moment.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = open.entry(partition).or_insert_with(|| {
            let (send, calls) = mpsc::unbounded_channel();
            let lane = Lane {
                target: Arc::clone(&self.target),
                partition,
                durability,
                connection: None,
                alone: false,
            };
            #[expect(
                clippy::disallowed_methods,
                reason = "ends with the store; callers wait for it"
            )]
            tokio::spawn(lane.run(calls));
            send
        });
        lane.clone()
    }
}

struct Lane {
    target: Arc<Target>,
    partition: u16,
    durability: Durability,
    connection: Option<MultiplexedConnection>,
    /// The primary had no replica at the last round.
    alone: bool,
}

impl Lane {
    async fn run(mut self, mut calls: mpsc::UnboundedReceiver<Call>) {
        let mut round = Vec::with_capacity(MOST);
        while calls.recv_many(&mut round, MOST).await > 0 {
            // Who has given up, and was not sent yet, is not sent any more.
            round.retain(|call| !call.tell.is_closed());
            if round.is_empty() {
                continue;
            }
            match self.send(&round).await {
                Ok(answers) => {
                    for (call, answer) in round.drain(..).zip(answers) {
                        // Who is gone does not want to know.
                        let _ = call.tell.send(answer.extract_error());
                    }
                }
                Err(error) => {
                    for call in round.drain(..) {
                        let _ = call.tell.send(Err(error.clone()));
                    }
                }
            }
        }
    }

    /// Sends a round; an error is everybody's.
    async fn send(&mut self, calls: &[Call]) -> RedisResult<Vec<Value>> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                match self.target.connect_for(&keys::dirty(self.partition), ROUND_LIMIT).await {
                    Ok(connection) => connection,
                    Err(error) => {
                        tokio::time::sleep(PAUSE).await;
                        return Err(error);
                    }
                }
            }
        };
        let round = timeout(ROUND_LIMIT, self.round(&mut connection, calls)).await;
        let answers = round.unwrap_or_else(|_| Err(timed_out()))?;
        // The server may be one that no longer takes writes, or the wrong one.
        let spoiled = |answer: &Value| match answer {
            Value::ServerError(error) => spoils_connection(&error.clone().into()),
            _ => false,
        };
        if !answers.iter().any(spoiled) {
            self.connection = Some(connection);
        }
        Ok(answers)
    }

    async fn round(
        &mut self,
        connection: &mut MultiplexedConnection,
        calls: &[Call],
    ) -> RedisResult<Vec<Value>> {
        let mut pipeline = Pipeline::with_capacity(calls.len() + 2);
        for call in calls {
            pipeline.add_command(call.cmd.clone());
        }
        if self.durability == Durability::Replicated {
            pipeline.cmd("EVAL").arg(MARK).arg(1).arg(keys::mark(self.partition));
            pipeline.add_command(if self.alone { alone::look() } else { wait() });
        }
        let count = pipeline.len();
        let mut answers = connection.req_packed_commands(&pipeline, 0, count).await?;
        if self.durability == Durability::Replicated {
            let (Some(last), Some(mark)) = (answers.pop(), answers.pop()) else {
                return Err(timed_out());
            };
            mark.extract_error()?;
            self.confirm(connection, last.extract_error()?).await?;
        }
        Ok(answers)
    }

    /// Succeeds when a replica has the mark, or when there is none that could.
    async fn confirm(
        &mut self,
        connection: &mut MultiplexedConnection,
        last: Value,
    ) -> RedisResult<()> {
        let mut confirmed = last;
        if self.alone {
            if alone::is_alone(confirmed)? {
                return Ok(());
            }
            tracing::info!(partition = self.partition, "the primary has a replica again");
            self.alone = false;
            confirmed = wait().query_async(connection).await?;
        }
        if redis::from_redis_value::<u64>(confirmed)? > 0 {
            return Ok(());
        }
        if self.target.is_cluster()
            && alone::is_alone(alone::look().query_async(connection).await?)?
        {
            tracing::warn!(
                partition = self.partition,
                "the cluster has given up the primary's replicas: answering without them"
            );
            self.alone = true;
            return Ok(());
        }
        metrics::counter!("acd_store_unconfirmed_total").increment(1);
        Err(unconfirmed())
    }
}

fn wait() -> Cmd {
    let mut cmd = redis::cmd("WAIT");
    cmd.arg(1).arg(WAIT_MS);
    cmd
}

/// Passing, and by the next attempt another server may be the primary.
fn unconfirmed() -> RedisError {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "no replica has confirmed it").into()
}
