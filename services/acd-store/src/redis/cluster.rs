//! Finds the primary that serves a slot of a Redis cluster, by the reports of the nodes.
//!
//! All keys of a partition are in one slot. So the calls of a partition use a connection of their own
//! to the slot's primary, and the slot is looked up again when the connection is lost or the server
//! answers MOVED. The client library's cluster connection is shared by all slots: a node that hangs,
//! or a blocking command, would delay the calls of other slots.
//!
//! While a slot is migrated to another node, its keys are on two nodes, and a script that needs several
//! of them can run on neither. Redis then answers ASK or TRYAGAIN (`src/lua/base/lib.lua` makes sure of
//! it), and the call is retried until the slot has moved or the call's deadline has passed.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{Stream, StreamExt, stream::FuturesUnordered};
use rand::seq::SliceRandom;
use redis::{
    ErrorKind, RedisError, RedisResult, Value, aio::MultiplexedConnection, cluster::ClusterClient,
    cluster_routing::Slot,
};
use tokio::time::{Instant, timeout_at};

use crate::{
    limits::{CLUSTER_GRACE, CLUSTER_NODES_ASKED, CONNECT_TIMEOUT},
    redis::{
        cluster_nodes,
        endpoint::{Endpoint, Host},
    },
};

pub(crate) struct Cluster {
    /// The nodes in the URL.
    seeds: Vec<Host>,
    /// The nodes of the last slot map.
    known: Mutex<Vec<Host>>,
    endpoint: Endpoint,
    /// The client of the library, for keys of every slot over one connection.
    pub(crate) client: ClusterClient,
}

/// The slot map of the cluster as one node reports it.
struct Map {
    /// The cluster's current epoch, incremented by each failover. A greater epoch is a newer map.
    epoch: u64,
    ranges: Vec<Range>,
    has_replicas: bool,
}

/// A range of slots, and the nodes that serve it.
#[derive(Debug, PartialEq)]
struct Range {
    first: u16,
    last: u16,
    primary: Host,
    replicas: Vec<Host>,
}

impl Range {
    fn has(&self, slot: Slot) -> bool {
        // The library does not expose the number of a slot, only whether two slots are equal.
        (self.first..=self.last).any(|number| Slot::new(number) == Some(slot))
    }
}

impl Cluster {
    pub(crate) fn new(seeds: Vec<Host>, endpoint: Endpoint, client: ClusterClient) -> Self {
        Self { seeds, known: Mutex::default(), endpoint, client }
    }

    /// A connection to the primary that serves the slot of the key.
    pub(crate) async fn connect(
        &self,
        key: &str,
        response_timeout: Duration,
    ) -> RedisResult<MultiplexedConnection> {
        let slot = Slot::for_key(key);
        let map = self.map().await?;
        let range = map.ranges.into_iter().find(|range| range.has(slot));
        let range = range.ok_or_else(|| unknown("no node of the cluster serves the slot"))?;
        self.endpoint.open(&range.primary, response_timeout).await
    }

    /// Whether any primary has a replica.
    pub(crate) async fn has_replicas(&self) -> RedisResult<bool> {
        Ok(self.map().await?.has_replicas)
    }

    fn known(&self) -> MutexGuard<'_, Vec<Host>> {
        // A poisoned lock is used as it is: no panic can leave the value half updated.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest slot map that [`CLUSTER_NODES_ASKED`] random nodes report.
    async fn map(&self) -> RedisResult<Map> {
        let mut hosts = [self.seeds.clone(), self.known().clone()].concat();
        hosts.sort_unstable();
        hosts.dedup();
        hosts.shuffle(&mut rand::rng());
        let mut asked: FuturesUnordered<_> =
            hosts.iter().take(CLUSTER_NODES_ASKED).map(|host| self.ask(host)).collect();
        let mut failure = unknown("the URL names no node of the cluster");
        let mut newest: Option<Map> = None;
        let mut until = None;
        while let Some(answer) = next_until(until, &mut asked).await {
            match answer {
                Ok(map) => {
                    until.get_or_insert(Instant::now() + CLUSTER_GRACE);
                    if newest.as_ref().is_none_or(|newest| map.epoch > newest.epoch) {
                        newest = Some(map);
                    }
                }
                Err(error) => failure = error,
            }
        }
        let Some(map) = newest else { return Err(failure) };
        let hosts =
            |range: &Range| [&range.replicas[..], std::slice::from_ref(&range.primary)].concat();
        let mut named: Vec<Host> = map.ranges.iter().flat_map(hosts).collect();
        named.sort_unstable();
        named.dedup();
        *self.known() = named;
        Ok(map)
    }

    async fn ask(&self, host: &Host) -> RedisResult<Map> {
        let mut connection = self.endpoint.open(host, CONNECT_TIMEOUT).await?;
        let mut questions = redis::pipe();
        questions.cmd("CLUSTER").arg("INFO").cmd("CLUSTER").arg("SLOTS");
        questions.cmd("CLUSTER").arg("NODES");
        let (info, answer, nodes): (String, Vec<Value>, String) =
            questions.query_async(&mut connection).await?;
        // A node on the minority side of a partition does not know of promotions on the other side.
        if info.contains("cluster_state:fail") {
            return Err(unknown("the node is cut off from the cluster"));
        }
        let ranges: Vec<Range> =
            answer.into_iter().filter_map(|entry| range(entry, host)).collect();
        if ranges.is_empty() {
            return Err(unknown("the node reports no slots"));
        }
        let epoch = info.lines().find_map(|line| line.strip_prefix("cluster_current_epoch:"));
        let epoch = epoch.and_then(|epoch| epoch.trim().parse().ok()).unwrap_or(0);
        // CLUSTER SLOTS leaves out replicas in full synchronisation; CLUSTER NODES has them.
        Ok(Map { epoch, ranges, has_replicas: cluster_nodes::names_a_replica(&nodes) })
    }
}

/// The next answer; `None` when there are no more, or when `until` has passed.
async fn next_until<S: Stream + Unpin>(until: Option<Instant>, answers: &mut S) -> Option<S::Item> {
    match until {
        Some(until) => timeout_at(until, answers.next()).await.ok().flatten(),
        None => answers.next().await,
    }
}

/// Parses one entry of CLUSTER SLOTS: first and last slot, then host, port, id and more of the primary
/// and of each replica. A missing host stands for the node that was asked.
fn range(entry: Value, asked: &Host) -> Option<Range> {
    let Value::Array(parts) = entry else { return None };
    let mut parts = parts.into_iter();
    let mut number = || redis::from_redis_value::<u16>(parts.next()?).ok();
    let (first, last) = (number()?, number()?);
    let mut nodes = parts.filter_map(|node| {
        let Value::Array(node) = node else { return None };
        let mut node = node.into_iter();
        let name: Option<String> = redis::from_redis_value(node.next()?).ok()?;
        let port = redis::from_redis_value(node.next()?).ok()?;
        let name = name.filter(|name| !name.is_empty() && name != "?");
        Some((name.unwrap_or_else(|| asked.0.clone()), port))
    });
    Some(Range { first, last, primary: nodes.next()?, replicas: nodes.collect() })
}

fn unknown(why: &'static str) -> RedisError {
    (ErrorKind::ClusterConnectionNotFound, why).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_nodes_of_a_slot_range() {
        let text = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        let node = |host: Value, port| Value::Array(vec![host, Value::Int(port), text("id")]);
        let entry = Value::Array(vec![
            Value::Int(0),
            Value::Int(5460),
            node(Value::Nil, 7000),
            node(text("10.0.0.2"), 7001),
        ]);
        let found = range(entry, &("asked".to_owned(), 1)).unwrap();
        assert_eq!(found.primary, ("asked".to_owned(), 7000));
        assert_eq!(found.replicas, [("10.0.0.2".to_owned(), 7001)]);
        assert!(found.has(Slot::new(5460).unwrap()) && !found.has(Slot::new(5461).unwrap()));
        assert_eq!(range(Value::Nil, &("asked".to_owned(), 1)), None);
    }
}
