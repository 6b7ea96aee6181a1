//! One connection and one pipeline at a time for each partition. Calls that arrive while a pipeline is
//! in flight are sent together in the next one.
//!
//! With replicated durability a pipeline ends with a mark, which is a write of its own, and with WAIT,
//! which returns when replicas have everything that the primary did up to the mark (`confirm.rs` says
//! how many replicas). No call gets its reply before that. This includes reads and refusals, because
//! they show what other calls wrote. So no client is told of a change that the loss of the primary
//! could undo. If a pipeline is not confirmed, all its calls fail with a transient error and are
//! retried like any other call.

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

/// The mark: a write that changes no data of the application. It is a script because a plain SET is
/// refused when the memory is full, and the pipeline would fail with it, even calls that free memory.
const MARK: &str = "#!lua flags=allow-oom\nreturn redis.call('SET', KEYS[1], '')";

/// The lanes of a process, one for each partition that has been called.
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

    /// Sends a command once, in the partition's next pipeline.
    pub(crate) async fn call(
        &self,
        partition: u16,
        durability: Durability,
        cmd: &Cmd,
    ) -> RedisResult<Value> {
        let (reply_tx, reply) = oneshot::channel();
        // It fails only when the runtime shuts down; then the call fails below.
        let _ = self.lane(partition).send(Call { cmd: cmd.clone(), durability, reply_tx });
        // The call may have to wait for the end of the pipeline in flight.
        match timeout(ROUND_LIMIT * 2, reply).await {
            Ok(Ok(answer)) => answer,
            _ => Err(timed_out()),
        }
    }

    fn lane(&self, partition: u16) -> mpsc::UnboundedSender<Call> {
        // A poisoned lock is used as it is: no panic can leave the value half updated.
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
                    // A call whose caller has gone and that was not sent yet is dropped.
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
                        // Sending fails when the caller has gone, which is no error here.
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

    /// The connection of the previous pipeline, or a new one.
    async fn peer(&mut self) -> RedisResult<Peer> {
        if let Some(peer) = self.peer.take() {
            return Ok(peer);
        }
        // Asks the sentinels in the background now, so that a confirmation need not wait for those
        // that do not answer.
        self.target.keep_fresh();
        let made = self.target.reach(&keys::dirty(self.partition), ROUND_LIMIT).await;
        if made.is_err() {
            tokio::time::sleep(RECONNECT_PAUSE).await;
        }
        made
    }

    /// Sends a pipeline and returns one reply for each call. An error applies to all calls.
    async fn send(&mut self, mut peer: Peer, calls: &[Call]) -> RedisResult<Vec<Value>> {
        let round = timeout(ROUND_LIMIT, self.round(&mut peer, calls)).await;
        let answers = round.unwrap_or_else(|_| Err(timed_out()))?;
        // The connection is kept unless a reply shows that the server no longer takes writes, or is the
        // wrong one.
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

    /// One pipeline: the calls in order of arrival and, if any of them is to be replicated, the mark
    /// and the question whether it is.
    async fn round(&mut self, peer: &mut Peer, calls: &[Call]) -> RedisResult<Vec<Value>> {
        // Two more commands than calls: the mark and WAIT.
        let mut pipeline = Pipeline::with_capacity(calls.len() + 2);
        for call in calls {
            pipeline.add_command(call.cmd.clone());
        }
        let replicated = calls.iter().any(|call| call.durability == Durability::Replicated);
        if replicated {
            // WAIT waits for the last write of its own connection. A pipeline may consist of reads, and
            // may have read what another connection wrote, so it ends with a write: replication is in
            // order, and a replica that has the mark has everything before it.
            pipeline.cmd("EVAL").arg(MARK).arg(1).arg(keys::mark(self.partition));
            pipeline.add_command(self.confirmation.question(&self.target));
        }
        // One write to the socket. Redis executes the commands in order and answers all of them; an
        // error reply of one command is a value here and leaves the others as they are.
        let count = pipeline.len();
        let mut answers = peer.connection.req_packed_commands(&pipeline, 0, count).await?;
        if replicated {
            // The last two replies are not a call's: the answer to the question, and that to the mark.
            let (Some(last), Some(mark)) = (answers.pop(), answers.pop()) else {
                return Err(timed_out());
            };
            // If the mark was refused (by a server that is a replica now, for example), WAIT says nothing.
            mark.extract_error()?;
            // Until this succeeds, no call of this pipeline gets its reply.
            self.confirmation.settle(&self.target, peer, last.extract_error()).await?;
        }
        Ok(answers)
    }
}
