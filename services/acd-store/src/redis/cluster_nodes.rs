//! Whether a primary of a cluster has a replica that could confirm anything.
//!
//! In a cluster of three primaries with a replica each, a node that is lost leaves two shards without
//! one: to insist would make them useless until it is back. So a primary may answer alone when there
//! is no replica, or when the cluster has given it up: `fail` is the word of the majority of the
//! primaries (`fail?` only this one's), which a primary that is cut off from them can't have.
//!
//! One that is back and is being sent everything is not given up, and can't confirm either, nor is it
//! harmless: what it is sent is a moment of the past, with which it may be promoted when its primary
//! hangs meanwhile. It may be here before the cluster has heard of it, so the primary is asked, too.

use redis::{Cmd, RedisResult, Value};

/// What to ask the primary, both about the same moment.
pub(crate) fn look() -> Cmd {
    let mut cmd = redis::cmd("EVAL");
    cmd.arg("return {redis.call('CLUSTER', 'NODES'), redis.call('INFO', 'replication')}").arg(0);
    cmd
}

/// Reads what it answers.
pub(crate) fn is_alone(answer: Value) -> RedisResult<bool> {
    let (nodes, replication): (String, String) = redis::from_redis_value(answer)?;
    let own = read(&nodes).find(|node| node.is("myself") && node.is("master"));
    let Some(own) = own else { return Ok(false) };
    let given_up = read(&nodes).filter(|node| node.primary == own.id).all(|node| node.is("fail"));
    let sent = ["state=wait_bgsave", "state=send_bulk"];
    Ok(given_up && !sent.iter().any(|state| replication.contains(state)))
}

/// Whether CLUSTER NODES names a replica of any primary, given up or not.
pub(crate) fn names_a_replica(nodes: &str) -> bool {
    read(nodes).any(|node| node.is("slave"))
}

/// A line of CLUSTER NODES.
struct Node<'a> {
    id: &'a str,
    flags: &'a str,
    primary: &'a str,
}

impl Node<'_> {
    fn is(&self, flag: &str) -> bool {
        self.flags.split(',').any(|other| other == flag)
    }
}

/// Id, address, flags, id of the primary and more.
fn read(nodes: &str) -> impl Iterator<Item = Node<'_>> {
    nodes.lines().filter_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let [id, _, flags, primary] = std::array::from_fn(|_| fields.next());
        Some(Node { id: id?, flags: flags?, primary: primary? })
    })
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
        assert!(names_a_replica(nodes[1]) && !names_a_replica(nodes[0]));
    }
}
