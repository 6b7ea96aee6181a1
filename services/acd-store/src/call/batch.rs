//! Group commit. Calls of a script for a center that come while one is on its way wait for it, and
//! go together as the next: what a call costs whatever it does (the way there and back, the
//! beginning of the script) is shared by all who came meanwhile. Who comes alone waits for nobody.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use acd_core::ids::CenterId;
use redis::Value;
use tokio::{sync::oneshot, time::timeout};

use crate::{
    Refusal, Result, Store, StoreError,
    call::{attempt::CallOutcome, scripts::Script},
    link::shared,
    redis::endpoint::timed_out,
};

/// The most calls that go together: a script keeps everybody else from Redis while it runs.
const MAX_BATCH: usize = 64;

type Key = (&'static str, CenterId);

/// Who waits, for each script and center of which calls are on their way.
#[derive(Debug, Default)]
pub(crate) struct Batches(Mutex<HashMap<Key, VecDeque<Pending>>>);

#[derive(Debug)]
struct Pending {
    args: Vec<String>,
    reply_tx: oneshot::Sender<CallOutcome<Value>>,
}

impl Batches {
    fn all(&self) -> MutexGuard<'_, HashMap<Key, VecDeque<Pending>>> {
        // Nothing panics while it is held, and what it guards is whole at every moment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins those who wait. True when somebody has to send them, from now until nobody waits.
    fn join(&self, key: Key, who: Pending) -> bool {
        let mut all = self.all();
        let nobody_sends = !all.contains_key(&key);
        all.entry(key).or_default().push_back(who);
        nobody_sends
    }
}

/// Who sends them.
struct Sender {
    store: Store,
    key: Key,
    done: bool,
}

impl Drop for Sender {
    /// Leaves nobody waiting for one who does not come, as when the runtime ends.
    fn drop(&mut self) {
        if !self.done {
            self.store.inner.batches.all().remove(&self.key);
        }
    }
}

impl Sender {
    /// The next group. When there is none the sending is over: who comes now begins it anew.
    fn next(&mut self) -> Option<Vec<Pending>> {
        let mut all = self.store.inner.batches.all();
        let waiting = all.get_mut(&self.key)?;
        // Who has given up, and was not sent yet, is not sent any more.
        waiting.retain(|one| !one.reply_tx.is_closed());
        let group: Vec<_> = waiting.drain(..waiting.len().min(MAX_BATCH)).collect();
        if group.is_empty() {
            all.remove(&self.key);
            self.done = true;
            return None;
        }
        Some(group)
    }

    async fn send(mut self, script: &'static Script) {
        while let Some(group) = self.next() {
            let args: Vec<&str> =
                group.iter().flat_map(|one| one.args.iter().map(String::as_str)).collect();
            let sent: CallOutcome<Vec<Value>> =
                self.store.call_noting(script, &self.key.1, &args).await;
            let repeated = sent.repeated;
            let answer = sent.answer.and_then(|answers| {
                let complete = answers.len() == group.len();
                complete.then_some(answers).ok_or_else(|| StoreError::broken("an answer for each"))
            });
            let answers: Vec<_> = match answer {
                Ok(answers) => answers.into_iter().map(parse_reply).collect(),
                Err(error) => group.iter().map(|_| Err(error.clone())).collect(),
            };
            for (one, answer) in group.into_iter().zip(answers) {
                // Who is gone does not want to know.
                let _ = one.reply_tx.send(CallOutcome { answer, repeated });
            }
        }
    }
}

/// One call's answer, or why it has none: `{false, code, detail}`.
fn parse_reply(answer: Value) -> Result<Value> {
    match &answer {
        Value::Array(parts) if matches!(parts[..], [Value::Nil, _, _]) => {
            let (_, code, detail): (Value, String, String) =
                redis::from_redis_value(answer).map_err(StoreError::broken)?;
            let refusal = Refusal::from_code(&code, &detail);
            Err(refusal.map_or_else(|| StoreError::broken(detail), Into::into))
        }
        _ => Ok(answer),
    }
}

impl Store {
    /// Runs a script that takes several calls at once, each of so many arguments, and returns an
    /// answer for each: for this call, and for those that others make meanwhile.
    pub(crate) async fn call_batched(
        &self,
        script: &'static Script,
        center: &CenterId,
        args: Vec<String>,
    ) -> CallOutcome<Value> {
        let (reply_tx, reply) = oneshot::channel();
        let key = (script.name, center.clone());
        if self.inner.batches.join(key.clone(), Pending { args, reply_tx }) {
            // A task of its own: the first of a group may give up, the others wait on.
            let sender = Sender { store: self.clone(), key, done: false };
            self.inner.lifecycle.spawn(sender.send(script));
        }
        // As long as a call alone: until its deadline, and what an attempt may take.
        match timeout(self.inner.deadline + shared::RESPONSE_TIMEOUT, reply).await {
            Ok(Ok(sent)) => sent,
            _ => CallOutcome { answer: Err(timed_out().into()), repeated: true },
        }
    }
}
