//! A pipeline for each partition, over a connection of its own: the calls that come while one round
//! is in flight are the next round, sent together.
//!
//! Where calls are to be replicated a round ends with a mark, a write of its own, and with WAIT, which
//! returns when replicas have everything that the primary did up to the mark (`confirm.rs`: how many).
//! Only then is anybody told anything, also of what was merely read and of refusals: they tell of what
//! others wrote. So nobody knows of anything that the loss of the primary could undo. A round that is
//! not confirmed has failed for everybody in it, and is made again as any call is.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use redis::{Cmd, Pipeline, RedisResult, Value, aio::ConnectionLike};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::{
    call::keys,
    error::spoils_connection,
    limits::{MAX_PIPELINE, RECONNECT_PAUSE},
    link::{confirm::Confirmation, durability::Durability},
    redis::{
        endpoint::{Peer, timed_out},
        target::Target,
    },
};

pub(crate) use crate::limits::PIPELINE_LIMIT as ROUND_LIMIT;

/// A write that leaves nothing behind but itself. As a script, because SET would be refused when the
/// memory is full, and with it the calls that make room.
const MARK: &str = "#!lua flags=allow-oom\nreturn redis.call('SET', KEYS[1], '')";

/// The lanes of a process, one for each partition that it has called.
#[derive(Debug)]
pub(crate) struct Lanes {
    target: Arc<Target>,
    open: Mutex<HashMap<u16, mpsc::UnboundedSender<Call>>>,
}

#[derive(Debug)]
struct Call {
    cmd: Cmd,
    durability: Durability,
    reply_tx: oneshot::Sender<RedisResult<Value>>,
}

impl Lanes {
    pub(crate) fn new(target: Arc<Target>) -> Self {
        Self { target, open: Mutex::default() }
    }

    /// Sends a command once, in the partition's next round.
    pub(crate) async fn call(
        &self,
        partition: u16,
        durability: Durability,
        cmd: &Cmd,
    ) -> RedisResult<Value> {
        let (reply_tx, reply) = oneshot::channel();
        // It fails only when the runtime ends, and then nobody is told.
        let _ = self.lane(partition).send(Call { cmd: cmd.clone(), durability, reply_tx });
        // It may have to wait for the end of the round before.
        match timeout(ROUND_LIMIT * 2, reply).await {
            Ok(Ok(answer)) => answer,
            _ => Err(timed_out()),
        }
    }

    fn lane(&self, partition: u16) -> mpsc::UnboundedSender<Call> {
        // Nothing panics while it is held, and what it guards is whole at every moment.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = open.entry(partition).or_insert_with(|| {
            let (send, calls) = mpsc::unbounded_channel();
            let lane = Lane {
                target: Arc::clone(&self.target),
                partition,
                peer: None,
                confirmation: Confirmation::default(),
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
    peer: Option<Peer>,
    confirmation: Confirmation,
}

impl Lane {
    async fn run(mut self, mut calls: mpsc::UnboundedReceiver<Call>) {
        let mut round = Vec::with_capacity(MAX_PIPELINE);
        while calls.recv_many(&mut round, MAX_PIPELINE).await > 0 {
            let sent = match self.peer().await {
                Ok(peer) => {
                    // Who has given up, and was not sent yet, is not sent any more.
                    round.retain(|call| !call.reply_tx.is_closed());
                    if round.is_empty() {
                        self.peer = Some(peer);
                        continue;
                    }
                    self.send(peer, &round).await
                }
                Err(error) => Err(error),
            };
            match sent {
                Ok(answers) => {
                    for (call, answer) in round.drain(..).zip(answers) {
                        // Who is gone does not want to know.
                        let answer = answer.extract_error();
                        let _ = call.reply_tx.send(answer.map_err(|e| self.target.interpret(e)));
                    }
                }
                Err(error) => {
                    let error = self.target.interpret(error);
                    for call in round.drain(..) {
                        let _ = call.reply_tx.send(Err(error.clone()));
                    }
                }
            }
        }
    }

    /// The connection of the round before, or another.
    async fn peer(&mut self) -> RedisResult<Peer> {
        if let Some(peer) = self.peer.take() {
            return Ok(peer);
        }
        // Who is away is known before the others' word is needed.
        self.target.keep_fresh();
        let made = self.target.reach(&keys::dirty(self.partition), ROUND_LIMIT).await;
        if made.is_err() {
            tokio::time::sleep(RECONNECT_PAUSE).await;
        }
        made
    }

    /// Sends a round; an error is everybody's.
    async fn send(&mut self, mut peer: Peer, calls: &[Call]) -> RedisResult<Vec<Value>> {
        let round = timeout(ROUND_LIMIT, self.round(&mut peer, calls)).await;
        let answers = round.unwrap_or_else(|_| Err(timed_out()))?;
        // The server may be one that no longer takes writes, or the wrong one.
        let spoiled = |answer: &Value| match answer {
            Value::ServerError(error) => {
                spoils_connection(&self.target.interpret(error.clone().into()))
            }
            _ => false,
        };
        if !answers.iter().any(spoiled) {
            self.peer = Some(peer);
        }
        Ok(answers)
    }

    async fn round(&mut self, peer: &mut Peer, calls: &[Call]) -> RedisResult<Vec<Value>> {
        let mut pipeline = Pipeline::with_capacity(calls.len() + 2);
        for call in calls {
            pipeline.add_command(call.cmd.clone());
        }
        let replicated = calls.iter().any(|call| call.durability == Durability::Replicated);
        if replicated {
            pipeline.cmd("EVAL").arg(MARK).arg(1).arg(keys::mark(self.partition));
            pipeline.add_command(self.confirmation.question(&self.target));
        }
        let count = pipeline.len();
        let mut answers = peer.connection.req_packed_commands(&pipeline, 0, count).await?;
        if replicated {
            let (Some(last), Some(mark)) = (answers.pop(), answers.pop()) else {
                return Err(timed_out());
            };
            mark.extract_error()?;
            self.confirmation.settle(&self.target, peer, last.extract_error()).await?;
        }
        Ok(answers)
    }
}
