//! Which replicas must confirm a pipeline before its calls are acknowledged.
//!
//! **One server (`redis://`)**: one replica. The topology behind the address is unknown, so no more
//! can be required.
//!
//! **Sentinel**: a primary has several replicas, and *any* of them may be promoted. So either all
//! confirm, or at least one does and the sentinels report afterwards that the server is the primary
//! and that no failover has begun. Without that report, acknowledged writes could be lost: a primary
//! that hangs may wake up just after another was promoted. A replica that still follows the old
//! primary would confirm, and shortly afterwards discard what it confirmed, when it follows the new
//! one.
//!
//! **Cluster**: each primary has one replica, which is the only one that could be promoted, so that
//! one confirms. In a cluster of three primaries with a replica each, the loss of a node leaves two
//! shards without a replica; to require one would stop both until the node is back. So a primary may
//! acknowledge without one when it has no replica, or when the cluster has marked it as failed. The
//! flag `fail` is set by a majority of the primaries, which a primary that is cut off from them can't
//! get (`fail?` is its own opinion only).
//!
//! A replica that is back and in full synchronisation is not marked as failed, can't confirm yet, and
//! must not be ignored: it receives a stale snapshot, with which it may be promoted when its primary
//! hangs meanwhile. It may have connected before the cluster knows of it, so the primary's own list of
//! replicas is read, too.

use std::{sync::Arc, time::Duration};

use redis::{Cmd, RedisError, RedisResult, Value};
use tokio::time::Instant;

use crate::{
    error::is_passing,
    limits::{FEWER_REPLICAS, FIRST_WAIT, REPEATED_WAIT, WAIT_LIMIT},
    redis::{cluster_nodes, endpoint::Peer, sentinel::Sentinels, target::Target},
};

/// What the last pipelines of a connection showed about the replicas of its server.
#[derive(Debug, Default)]
pub(crate) struct Confirmation {
    /// Cluster: the primary has no replica that could confirm.
    alone: bool,
    /// Sentinel: some replicas did not confirm, and are not waited for until this instant. `None`:
    /// all confirm.
    fewer_until: Option<Instant>,
}

impl Confirmation {
    /// The command that ends a pipeline and asks whether it is replicated.
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

    /// Asks at once whether everything done over this connection so far is replicated.
    ///
    /// # Errors
    /// A transient error when it is not confirmed.
    pub(crate) async fn ask(&mut self, target: &Arc<Target>, peer: &mut Peer) -> RedisResult<()> {
        let answer = self.question(target).query_async(&mut peer.connection).await;
        self.settle(target, peer, answer).await
    }

    /// Succeeds when the pipeline is replicated, by the answer to [`Self::question`] and, where that
    /// is not enough, by further questions to the server, the sentinels or the cluster.
    ///
    /// # Errors
    /// A transient error when it is not confirmed: at the next attempt another server may be the
    /// primary.
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
            // A replica refuses WAIT: the server was a primary until a moment ago.
            Ok(false) | Err(_) => {}
        }
        metrics::counter!("acd_store_unconfirmed_total").increment(1);
        Err(unconfirmed())
    }

    /// Sentinel: true when enough replicas have confirmed.
    async fn settle_in_group(
        &mut self,
        group: &Sentinels,
        peer: &mut Peer,
        answer: Value,
    ) -> RedisResult<bool> {
        let until = Instant::now() + WAIT_LIMIT;
        // The number of replicas that had everything when the WAIT of the pipeline returned.
        let mut confirmed: usize = redis::from_redis_value(answer)?;
        loop {
            // All replicas have it, so whichever is promoted has it. `group.replicas()` counts
            // unreachable replicas, too: they could be promoted as well, and it is read again in each
            // turn, because a report in the background may have changed it.
            if confirmed >= group.replicas() {
                if self.fewer_until.take().is_some() {
                    tracing::info!("every replica confirms again");
                }
                return Ok(true);
            }
            // Some replicas have it, but not all. That is enough if the sentinels, asked after WAIT
            // returned, report this server as the primary with no failover begun: of the replicas that
            // a later failover can reach, it prefers the one with the most recent data. Zero replicas
            // are never enough. Without the server's address the sentinels can't be asked about it.
            if let (1.., Some(server)) = (confirmed, &peer.host)
                && group.is_undisputed_primary(server).await
            {
                if self.fewer_until.is_none() {
                    tracing::warn!(confirmed, of = group.replicas(), "not every replica confirms");
                }
                // For the next second, pipelines wait for one replica only, and the sentinels are asked
                // each time. The period is not extended while it runs, so once a second one pipeline
                // waits for all replicas again.
                if !self.has_fewer() {
                    self.fewer_until = Some(Instant::now() + FEWER_REPLICAS);
                }
                return Ok(true);
            }
            // Neither holds: a replica is slow, or a failover may be under way. Ask again, until the
            // pipeline has failed; its calls are then retried on the server that is the primary.
            if Instant::now() >= until {
                return Ok(false);
            }
            confirmed =
                wait(group.replicas(), FIRST_WAIT).query_async(&mut peer.connection).await?;
        }
    }

    /// Cluster: true when the replica has confirmed, or when there is none that could be promoted.
    async fn settle_in_cluster(&mut self, peer: &mut Peer, answer: Value) -> RedisResult<bool> {
        let until = Instant::now() + WAIT_LIMIT;
        let mut confirmed = answer;
        // The pipeline ended with a question about the replica's state, not with WAIT: see `question`.
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
                tracing::warn!(
                    "the primary has no replica, or the cluster has marked it as failed: \
                     acknowledging without a replica"
                );
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
    std::io::Error::new(std::io::ErrorKind::TimedOut, "not confirmed by the replicas").into()
}

/// Asks a primary for CLUSTER NODES and INFO REPLICATION, in one script: one snapshot of both.
fn ask_if_alone() -> Cmd {
    let mut cmd = redis::cmd("EVAL");
    cmd.arg("return {redis.call('CLUSTER', 'NODES'), redis.call('INFO', 'replication')}").arg(0);
    cmd
}

/// Whether the answer to [`ask_if_alone`] says that no replica of this primary could be promoted.
fn is_alone(answer: Value) -> RedisResult<bool> {
    let (nodes, replication): (String, String) = redis::from_redis_value(answer)?;
    let own = cluster_nodes::parse(&nodes).find(|node| node.is("myself") && node.is("master"));
    let Some(own) = own else { return Ok(false) };
    let failed = cluster_nodes::parse(&nodes)
        .filter(|node| node.primary == own.id)
        .all(|node| node.is("fail"));
    // The states of a replica in full synchronisation.
    let synchronising = ["state=wait_bgsave", "state=send_bulk"];
    Ok(failed && !synchronising.iter().any(|state| replication.contains(state)))
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
    fn only_the_majority_can_mark_a_replica_as_failed() {
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
    fn a_replica_in_full_synchronisation_is_back() {
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
