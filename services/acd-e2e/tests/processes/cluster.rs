//! `redis+cluster://` on a real cluster of three primaries, with and without replicas.

use std::{process::Command, time::Duration};

use serde_json::json;

use crate::{
    audit::{all_is_well, consistent},
    harness::{Ask, Client, Node, Stack, alone, poll, seed, signal},
    lifecycle::all_of_it,
    load::Load,
};

/// So many that every node gets some: their names decide.
pub(crate) const CENTERS: [&str; 8] = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"];

pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Node>,
}

impl Cluster {
    /// Three primaries with a third of the slots each.
    pub(crate) async fn start() -> Self {
        Self::with_replicas(0).await
    }

    /// The same with so many replicas for each.
    pub(crate) async fn with_replicas(replicas: usize) -> Self {
        let mut nodes = Vec::new();
        for _ in 0..3 * (1 + replicas) {
            nodes.push(Node::start_in_cluster().await);
        }
        let addresses = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port));
        let create = Command::new("redis-cli")
            .args(["--cluster", "create"])
            .args(addresses)
            .args(["--cluster-replicas", &replicas.to_string(), "--cluster-yes"])
            .output();
        let create = create.expect("redis-cli is in PATH");
        let said = String::from_utf8_lossy(&create.stdout);
        assert!(create.status.success(), "{said}");
        let cluster = Self { nodes };
        cluster.whole().await;
        cluster
    }

    /// Waits until every node knows where every slot is and who is a replica, and every replica has
    /// what its primary has: one that knows of no replica yet answers alone.
    async fn whole(&self) {
        for node in &self.nodes {
            poll("whole cluster", async || {
                let state = node.cli(&["CLUSTER", "INFO"]).ok()?;
                let known = node.cli(&["CLUSTER", "NODES"]).ok()?;
                let replicas = known.lines().filter(|node| node.contains("slave")).count();
                let whole = state.contains("cluster_state:ok") && replicas + 3 == self.nodes.len();
                whole.then_some(())
            })
            .await;
        }
        poll("three primaries", async || {
            let count = self.nodes.iter().filter(|node| node.is_primary()).count();
            (count == 3).then_some(())
        })
        .await;
        for node in &self.nodes {
            self.in_step(node).await;
        }
    }

    /// Waits until a node that is a replica has what its primary has.
    pub(crate) async fn in_step(&self, node: &Node) {
        poll("replication", async || {
            let role = node.info("replication", "role")?;
            let link = node.info("replication", "master_link_status");
            (role == "master" || link.as_deref() == Some("up")).then_some(())
        })
        .await;
    }

    pub(crate) fn url(&self) -> String {
        let hosts: Vec<_> =
            self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        format!("redis+cluster://{}", hosts.join(","))
    }

    /// Moves a center's slot from one node to another, as `redis-cli --cluster reshard` does, but key
    /// by key: `between` each sees some here and some there.
    async fn migrate(
        &self,
        center: &str,
        (from, to): (usize, usize),
        mut between: impl AsyncFnMut(),
    ) {
        let [from, to] = [from, to].map(|node| &self.nodes[node]);
        let ids = [from, to].map(|node| node.cli(&["CLUSTER", "MYID"]).unwrap());
        let config = from.cli(&["KEYS", &format!("acd:*:{center}:config")]).unwrap();
        let slot = from.cli(&["CLUSTER", "KEYSLOT", &config]).unwrap();
        to.cli(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &ids[0]]).unwrap();
        from.cli(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &ids[1]]).unwrap();
        let port = to.port.to_string();
        loop {
            let keys = from.cli(&["CLUSTER", "GETKEYSINSLOT", &slot, "1000"]).unwrap();
            // Those that every call names come last, so that nothing but their fellows is missing.
            let named = |key: &&str| key.split(':').count() == 3 || key.ends_with(":config");
            let Some(key) = keys.lines().min_by_key(named) else { break };
            from.cli(&["MIGRATE", "127.0.0.1", &port, key, "0", "1000"]).unwrap();
            between().await;
        }
        for node in [to, from] {
            node.cli(&["CLUSTER", "SETSLOT", &slot, "NODE", &ids[1]]).unwrap();
        }
    }

    /// Which centers each node has.
    fn placement(&self) -> Vec<Vec<&'static str>> {
        let has = |node: &Node, center: &str| {
            let keys = node.cli(&["KEYS", &format!("acd:*:{center}:config")]);
            !keys.unwrap().is_empty()
        };
        let of = |node| CENTERS.into_iter().filter(|center| has(node, center)).collect();
        self.nodes.iter().map(of).collect()
    }
}

#[tokio::test]
async fn centers_are_spread_over_the_nodes_and_served_on_each() {
    let cluster = Cluster::start().await;
    let stack = Stack::start(&cluster.url(), 1, 1, &[]).await;
    all_of_it(&stack.client("main")).await;
    for center in CENTERS {
        open_center(&stack.client(center), center).await;
    }
    let listed = stack.client("main").list("/v1/centers").await;
    assert_eq!(listed.len(), CENTERS.len() + 1, "{listed:?}");
    let placement = cluster.placement();
    assert!(placement.iter().all(|centers| !centers.is_empty()), "{placement:?}");
    assert_eq!(placement.iter().flatten().count(), CENTERS.len(), "{placement:?}");

    for center in CENTERS {
        let client = stack.client(center);
        let ann: [(&str, &[&str]); 1] = [("ann", &["english"])];
        client.ready_agents(&ann).await;
        client.create_contact("first", &["english"]).await;
        client.create_contact("second", &["english"]).await;
        for contact in ["first", "second"] {
            assert_eq!(client.contact_in("assigned", contact).await["agent"], "ann");
            client.complete(contact).await;
        }
        all_is_well(&client, &["first".to_owned(), "second".to_owned()]).await;
    }
    consistent(&stack.client("main")).await;
}

#[tokio::test]
async fn nodes_die_and_come_back() {
    alone(async {
        let (seed, mut cluster) = (seed(), Cluster::start().await);
        let stack = Stack::start(&cluster.url(), 1, 2, &[]).await;
        let clients = a_client_for_each_node(&cluster, &stack).await;
        let mut loads = Vec::new();
        for client in &clients {
            loads.push(Load::start(client, seed).await);
        }
        for victim in 0..cluster.nodes.len() {
            loads[victim].progress(10).await;
            cluster.nodes[victim].kill();
            for (node, load) in loads.iter_mut().enumerate() {
                if node != victim {
                    load.progress(10).await;
                }
            }
            cluster.nodes[victim].restart().await;
            loads[victim].progress(10).await;
        }
        for (client, load) in clients.iter().zip(loads) {
            all_is_well(client, &load.finish().await).await;
        }
        stack.ready().await;
    })
    .await;
}

#[tokio::test]
async fn primaries_are_lost_under_load_and_their_replicas_go_on() {
    alone(async {
        let (seed, mut cluster) = (seed(), Cluster::with_replicas(1).await);
        let stack = Stack::start(&cluster.url(), 2, 2, &[]).await;
        // The first three are the primaries.
        let clients = a_client_for_each_node(&cluster, &stack).await;
        let mut loads = Vec::new();
        for client in &clients[..3] {
            loads.push(Load::start(client, seed).await);
        }
        for victim in 0..3 {
            loads[victim].progress(10).await;
            // The successor has no replica, and the cluster knows: it answers alone.
            if victim == 1 {
                signal("STOP", cluster.nodes[victim].pid());
                loads[victim].progress(30).await;
                signal("CONT", cluster.nodes[victim].pid());
            } else {
                cluster.nodes[victim].kill();
                loads[victim].progress(30).await;
                cluster.nodes[victim].restart().await;
            }
            poll("return as a replica", async || {
                let role = cluster.nodes[victim].info("replication", "role")?;
                (role == "slave").then_some(())
            })
            .await;
            cluster.in_step(&cluster.nodes[victim]).await;
            for load in &mut loads {
                load.progress(10).await;
            }
        }
        for (client, load) in clients.iter().zip(loads) {
            all_is_well(client, &load.finish().await).await;
        }
        stack.ready().await;
    })
    .await;
}

#[tokio::test]
async fn a_node_that_hangs_holds_up_only_its_own_centers() {
    alone(async {
        let (seed, cluster) = (seed(), Cluster::start().await);
        let stack = Stack::start(&cluster.url(), 1, 1, &[]).await;
        let clients = a_client_for_each_node(&cluster, &stack).await;
        let mut loads = Vec::new();
        for client in &clients[1..] {
            loads.push(Load::start(client, seed).await);
        }
        signal("STOP", cluster.nodes[0].pid());
        poll("trouble in the center of the node", async || {
            let answer = clients[0].once(Ask::get("stats")).await.ok()?;
            (answer.status >= 500).then_some(())
        })
        .await;
        for load in &mut loads {
            load.progress(50).await;
        }
        signal("CONT", cluster.nodes[0].pid());
        loads.push(Load::start(&clients[0], seed).await);
        loads.rotate_right(1);
        for (client, mut load) in clients.iter().zip(loads) {
            load.progress(10).await;
            all_is_well(client, &load.finish().await).await;
        }
        stack.ready().await;
    })
    .await;
}

#[tokio::test]
async fn a_partition_moves_from_node_to_node_under_load() {
    alone(async {
        let (seed, cluster) = (seed(), Cluster::start().await);
        let stack = Stack::start(&cluster.url(), 1, 2, &[]).await;
        let clients = a_client_for_each_node(&cluster, &stack).await;
        let center = cluster.placement()[0][0];
        let mut load = Load::start(&clients[0], seed).await;
        for way in [(0, 1), (1, 2), (2, 0)] {
            load.progress(30).await;
            let pause = async || tokio::time::sleep(Duration::from_millis(2)).await;
            cluster.migrate(center, way, pause).await;
        }
        load.progress(30).await;
        all_is_well(&clients[0], &load.finish().await).await;
        stack.ready().await;
    })
    .await;
}

/// Without a dispatcher everything that a call names stays there, whatever else has moved.
#[tokio::test]
async fn nothing_is_half_done_while_a_partition_is_half_moved() {
    let cluster = Cluster::start().await;
    let stack = Stack::start(&cluster.url(), 1, 0, &["--redis-deadline", "100ms"]).await;
    let client = a_client_for_each_node(&cluster, &stack).await.swap_remove(0);
    client.ready_agents(&[("ann", &["english"]), ("bob", &["latin"])]).await;
    client.create_contact("waits", &["english"]).await;
    client.create_contact("goes", &["english"]).await;
    client.call(Ask::post("contacts/goes/abandon")).await.expect(200);
    let mut number = 0;
    let tried = async || {
        number += 1;
        let contact = json!({ "id": format!("new-{number}"), "skills": ["english"] });
        let calls = [
            Ask::post("contacts").body(contact),
            Ask::put("agents/bob/state").body(json!({ "presence": "offline" })),
            Ask::put("agents/bob/state").body(json!({ "presence": "ready" })),
            Ask::put("agents/bob/skills/greek"),
        ];
        for call in calls {
            let answer = client.once(call).await.unwrap();
            assert_eq!(answer.status, 503, "{}", answer.body);
        }
    };
    cluster.migrate(cluster.placement()[0][0], (0, 1), tried).await;
    consistent(&client).await;
    client.create_contact("new-1", &["english"]).await;
    assert_eq!(client.get("stats").await["waiting"], 2);
}

/// Opens centers and picks one of each node.
pub(crate) async fn a_client_for_each_node(cluster: &Cluster, stack: &Stack) -> Vec<Client> {
    for center in CENTERS {
        open_center(&stack.client(center), center).await;
    }
    // Replicas have them a moment later.
    let placement = poll("centers on every node", async || {
        let placement = cluster.placement();
        placement.iter().all(|centers| !centers.is_empty()).then_some(placement)
    });
    placement.await.iter().map(|centers| stack.client(centers[0])).collect()
}

async fn open_center(client: &Client, center: &str) {
    let path = format!("/v1/centers/{center}");
    let answer = client.call(Ask::put(&path).body(json!({}))).await;
    assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
}
