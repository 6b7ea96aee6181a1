//! A replica of a cluster that has lost its primary for a moment, and has to be sent everything.

use serde_json::json;

use crate::{
    cluster::{CENTERS, Cluster, a_client_for_each_node},
    harness::{Ask, Node, Stack, alone, poll, signal},
};

/// The replica has what it had, and the others may still make it the primary: nobody is told anything.
#[tokio::test]
async fn a_replica_that_is_being_sent_everything_counts() {
    alone(async {
        let cluster = Cluster::with_replicas(1).await;
        let stack = Stack::start(&cluster.url(), 1, 1, &[]).await;
        a_client_for_each_node(&cluster, &stack).await;
        let primary = &cluster.nodes[0];
        let replica = replica_of(&cluster, primary);
        let (center, tag) = center_on(primary);
        let client = stack.client(center);
        client.create_contact("before", &[]).await;

        signal("STOP", replica.pid());
        // The primary waits for more of them before it begins.
        delay(primary, "3600");
        // What it misses is more than what is kept for those who come back.
        primary.cli(&["CLIENT", "KILL", "TYPE", "replica"]).unwrap();
        primary.cli(&["CONFIG", "SET", "repl-backlog-size", "16kb"]).unwrap();
        for _ in 0..3 {
            primary.cli(&["SET", &format!("junk:{tag}"), &"x".repeat(100_000)]).unwrap();
        }
        signal("CONT", replica.pid());
        poll("a replica that waits", async || {
            let nodes = primary.cli(&["CLUSTER", "NODES"]).ok()?;
            (is_waited_for(primary) && !nodes.contains("fail")).then_some(())
        })
        .await;

        for number in 0..3 {
            let contact = json!({ "id": format!("new-{number}") });
            let answer = client.once(Ask::post("contacts").body(contact)).await.unwrap();
            assert_eq!(answer.status, 503, "{}", answer.body);
        }
        assert!(is_waited_for(primary), "it was not to be sent anything");
        delay(primary, "0");
        client.create_contact("new-0", &[]).await;
        assert_eq!(client.get("contacts/before").await["state"], "queued");
    })
    .await;
}

fn replica_of<'a>(cluster: &'a Cluster, primary: &Node) -> &'a Node {
    let port = primary.port.to_string();
    let follows = |node: &&Node| node.info("replication", "master_port").as_ref() == Some(&port);
    cluster.nodes.iter().find(follows).unwrap()
}

/// A center that the node has, and the hash tag of its keys.
fn center_on(node: &Node) -> (&'static str, String) {
    let found = CENTERS.iter().find_map(|center| {
        let config = node.cli(&["KEYS", &format!("acd:*:{center}:config")]).unwrap();
        Some((*center, config.split(':').nth(1)?.to_owned()))
    });
    found.unwrap()
}

fn delay(primary: &Node, seconds: &str) {
    primary.cli(&["CONFIG", "SET", "repl-diskless-sync-delay", seconds]).unwrap();
}

fn is_waited_for(primary: &Node) -> bool {
    let replica = primary.info("replication", "slave0");
    replica.is_some_and(|line| line.contains("state=wait_bgsave"))
}
