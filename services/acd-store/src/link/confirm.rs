//! Who has to have what a round did before anybody is told of it.
//!
//! One replica is enough where it is the only one that could be promoted: in a cluster, where each
//! primary has one, and where nobody can say more (`redis://`). With Sentinel there are several, and
//! *any* may be promoted. So all have to confirm; or fewer, when the sentinels say afterwards that the
//! server is the primary and that no failover has begun. Without that a primary that hangs, and wakes
//! up when another has just been promoted, would find a replica that has not been told yet, and what
//! this one confirms is thrown away a moment later.
//!
//! In a cluster of three primaries with a replica each, a node that is lost leaves two shards without
//! one: to insist would make them useless until it is back. So a primary may answer alone when there
//! is no replica, or when the cluster has given it up: `fail` is the word of the majority of the
//! primaries (`fail?` only this one's), which a primary that is cut off from them can't have.
//!
//! One that is back and is being sent everything is not given up, and can't confirm either, nor is it
//! harmless: what it is sent is a moment of the past, with which it may be promoted when its primary
//! hangs meanwhile. It may be here before the cluster has heard of it, so the primary is asked, too.

use std::{sync::Arc, time::Duration};

use redis::{Cmd, RedisError, RedisResult, Value};
use tokio::time::Instant;

use crate::{
    error::is_passing,
    limits::{FEWER_REPLICAS, FIRST_WAIT, REPEATED_WAIT, WAIT_LIMIT},
    redis::{cluster_nodes, endpoint::Peer, sentinel::Sentinels, target::Target},
};

/// What is known of the replicas of a connection's server from its last rounds.
#[derive(Debug, Default)]
pub(crate) struct Confirmation {
    /// A cluster's primary had none that could confirm anything.
    alone: bool,
    /// With Sentinel: some did not confirm, and until then are not waited for.
    fewer_until: Option<Instant>,
}

impl Confirmation {
    /// What to ask at the end of a round.
    pub(crate) fn question(&self, target: &Target) -> Cmd {
        match target {
            Target::Sentinel(_) if self.has_fewer() => wait(1, WAIT_LIMIT),
            Target::Sentinel(group) => {
                let first = self.fewer_until.is_none();
                wait(group.replicas(), if first { FIRST_WAIT } else { REPEATED_WAIT })
            }
            Target::Cluster(_) if self.alone => ask_if_alone(),
            Target::Cluster(_) => wait(1, FIRST_WAIT),
            Target::Single(_) => wait(1, WAIT_LIMIT),
        }
    }

    fn has_fewer(&self) -> bool {
        self.fewer_until.is_some_and(|until| Instant::now() < until)
    }

    /// Asks at once, for what was done over this connection so far.
    ///
    /// # Errors
    /// Passing, when it is not confirmed.
    pub(crate) async fn ask(&mut self, target: &Arc<Target>, peer: &mut Peer) -> RedisResult<()> {
        let answer = self.question(target).query_async(&mut peer.connection).await;
        self.settle(target, peer, answer).await
    }

    /// Succeeds when the answer, or what it takes to ask besides, confirms the round.
    ///
    /// # Errors
    /// Passing, when it is not confirmed: by the next attempt another server may be the primary.
    pub(crate) async fn settle(
        &mut self,
        target: &Arc<Target>,
        peer: &mut Peer,
        answer: RedisResult<Value>,
    ) -> RedisResult<()> {
        let confirmed = match (&**target, answer) {
            (Target::Sentinel(group), Ok(answer)) => {
                group.keep_fresh();
                self.settle_in_group(group, peer, answer).await
            }
            (Target::Cluster(_), Ok(answer)) => self.settle_in_cluster(peer, answer).await,
            (Target::Single(_), Ok(answer)) => {
                redis::from_redis_value::<usize>(answer).map(|count| count > 0).map_err(Into::into)
            }
            (_, Err(error)) => Err(error),
        };
        match confirmed {
            Ok(true) => return Ok(()),
            Err(error) if is_passing(&error) => return Err(error),
            // A replica takes no WAIT: it was a primary a moment ago.
            Ok(false) | Err(_) => {}
        }
        metrics::counter!("acd_store_unconfirmed_total").increment(1);
        Err(unconfirmed())
    }

    async fn settle_in_group(
        &mut self,
        group: &Sentinels,
        peer: &mut Peer,
        answer: Value,
    ) -> RedisResult<bool> {
        let until = Instant::now() + WAIT_LIMIT;
        let mut confirmed: usize = redis::from_redis_value(answer)?;
        loop {
            if confirmed >= group.replicas() {
                if self.fewer_until.take().is_some() {
                    tracing::info!("every replica confirms again");
                }
                return Ok(true);
            }
            if let (1.., Some(server)) = (confirmed, &peer.host)
                && group.is_undisputed_primary(server).await
            {
                if self.fewer_until.is_none() {
                    tracing::warn!(confirmed, of = group.replicas(), "not every replica confirms");
                }
                if !self.has_fewer() {
                    self.fewer_until = Some(Instant::now() + FEWER_REPLICAS);
                }
                return Ok(true);
            }
            if Instant::now() >= until {
                return Ok(false);
            }
            confirmed =
                wait(group.replicas(), FIRST_WAIT).query_async(&mut peer.connection).await?;
        }
    }

    async fn settle_in_cluster(&mut self, peer: &mut Peer, answer: Value) -> RedisResult<bool> {
        let until = Instant::now() + WAIT_LIMIT;
        let mut confirmed = answer;
        if self.alone {
            if is_alone(confirmed)? {
                return Ok(true);
            }
            tracing::info!("the primary has a replica again");
            self.alone = false;
            confirmed = wait(1, FIRST_WAIT).query_async(&mut peer.connection).await?;
        }
        loop {
            if redis::from_redis_value::<usize>(confirmed)? > 0 {
                return Ok(true);
            }
            self.alone = is_alone(ask_if_alone().query_async(&mut peer.connection).await?)?;
            if self.alone {
                tracing::warn!("the cluster has given up the primary's replicas: answering alone");
                return Ok(true);
            }
            if Instant::now() >= until {
                return Ok(false);
            }
            confirmed = wait(1, FIRST_WAIT).query_async(&mut peer.connection).await?;
        }
    }
}

fn wait(replicas: usize, limit: Duration) -> Cmd {
    let mut cmd = redis::cmd("WAIT");
    cmd.arg(replicas).arg(limit.as_millis().to_string());
    cmd
}

fn unconfirmed() -> RedisError {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "no replica has confirmed it").into()
}

/// What to ask the primary, both about the same moment.
fn ask_if_alone() -> Cmd {
    let mut cmd = redis::cmd("EVAL");
    cmd.arg("return {redis.call('CLUSTER', 'NODES'), redis.call('INFO', 'replication')}").arg(0);
    cmd
}

/// Reads what it answers.
fn is_alone(answer: Value) -> RedisResult<bool> {
    let (nodes, replication): (String, String) = redis::from_redis_value(answer)?;
    let own = cluster_nodes::parse(&nodes).find(|node| node.is("myself") && node.is("master"));
    let Some(own) = own else { return Ok(false) };
    let given_up = cluster_nodes::parse(&nodes)
        .filter(|node| node.primary == own.id)
        .all(|node| node.is("fail"));
    let sent = ["state=wait_bgsave", "state=send_bulk"];
    Ok(given_up && !sent.iter().any(|state| replication.contains(state)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(nodes: &[&str], replication: &str) -> bool {
        let texts = [nodes.join("\n"), replication.to_owned()];
        let texts = texts.map(|text| Value::BulkString(text.into_bytes()));
        is_alone(Value::Array(texts.into())).unwrap()
    }

    fn alone(nodes: &[&str]) -> bool {
        answer(nodes, "role:master\r\nconnected_slaves:0\r\n")
    }

    #[test]
    fn only_the_majority_can_give_a_replica_up() {
        let own = "aa 10.0.0.1:6381@16381 myself,master - 0 0 1 connected 0-5460";
        let other = "cc 10.0.0.3:6383@16383 slave,fail bb 0 0 2 connected";
        let replica = |flags| format!("dd 10.0.0.2:6381@16381 {flags} aa 0 0 1 disconnected");
        assert!(alone(&[own, other]), "it has none");
        assert!(alone(&[own, &replica("slave,fail")]));
        assert!(!alone(&[own, &replica("slave")]));
        assert!(!alone(&[own, &replica("slave,fail?")]), "its own opinion does not count");
        assert!(!alone(&[own, &replica("slave,fail"), &replica("slave")]));
        assert!(!alone(&[&own.replace("master", "slave")]), "it was demoted");
        assert!(!alone(&[""]));
    }

    #[test]
    fn one_that_is_being_sent_everything_is_back() {
        let nodes = [
            "aa 10.0.0.1:6381@16381 myself,master - 0 0 1 connected 0-5460",
            "dd 10.0.0.2:6381@16381 slave,fail aa 0 0 1 disconnected",
        ];
        let state =
            |state| answer(&nodes, &format!("slave0:ip=10.0.0.2,port=1,state={state},lag=0"));
        assert!(state("online"), "it hangs");
        assert!(!state("wait_bgsave"));
        assert!(!state("send_bulk"));
    }
}
