//! Whether a primary of a cluster has a replica that could confirm anything.
//!
//! In a cluster of three primaries with a replica each, a node that is lost leaves two shards without
//! one: to insist would make them useless until it is back. So a primary may answer alone when there
//! is no replica, or when the cluster has given it up: `fail` is the word of the majority of the
//! primaries (`fail?` only this one's), which a primary that is cut off from them can't have.

use redis::{Cmd, RedisResult, Value};

/// What to ask the primary.
pub(super) fn look() -> Cmd {
    let mut cmd = redis::cmd("CLUSTER");
    cmd.arg("NODES");
    cmd
}

/// Reads what it answers: a line for each node, of id, address, flags, id of its primary and more.
pub(super) fn is_alone(answer: Value) -> RedisResult<bool> {
    let text: String = redis::from_redis_value(answer)?;
    let nodes: Vec<Vec<&str>> =
        text.lines().map(|line| line.split_ascii_whitespace().take(4).collect()).collect();
    let flag =
        |node: &[&str], flag| node.get(2).is_some_and(|flags| flags.split(',').any(|f| f == flag));
    let Some(own) = nodes.iter().find(|node| flag(node, "myself") && flag(node, "master")) else {
        return Ok(false);
    };
    let mut replicas = nodes.iter().filter(|node| node.get(3) == own.first());
    Ok(replicas.all(|node| flag(node, "fail")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(lines: &[&str]) -> bool {
        is_alone(Value::BulkString(lines.join("\n").into_bytes())).unwrap()
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
}
