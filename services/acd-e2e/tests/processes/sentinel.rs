//! `redis+sentinel://` on a real primary with two replicas, watched by three sentinels. Answers are
//! replicated, so the primary may be lost at any moment.

use std::time::{Duration, Instant};

use crate::{
    audit::all_is_well,
    harness::{Ask, Node, SERVICE, Stack, alone, poll, seed, signal},
    load::{AGENTS, Load},
};

/// How soon APIs and dispatchers are with the new primary once there is one.
const NOTICED: Duration = Duration::from_secs(5);

/// How long the sentinels may take to promote another, on a machine that is busy with other things.
const PROMOTED: Duration = Duration::from_secs(60);

struct Group {
    primary: Node,
    replicas: Vec<Node>,
    sentinels: Vec<Node>,
}

impl Group {
    async fn start() -> Self {
        let primary = Node::start(&["--repl-diskless-sync-delay", "0"]).await;
        let of = format!("127.0.0.1 {}", primary.port);
        let mut replicas = Vec::new();
        for _ in 0..2 {
            let replica =
                Node::start(&["--replicaof", &of, "--repl-diskless-sync-delay", "0"]).await;
            poll("replication", async || {
                let link = replica.info("replication", "master_link_status")?;
                (link == "up").then_some(())
            })
            .await;
            replicas.push(replica);
        }
        let mut sentinels = Vec::new();
        for _ in 0..3 {
            sentinels.push(Node::start_sentinel(primary.port, 2).await);
        }
        let group = Self { primary, replicas, sentinels };
        group.agreed().await;
        group
    }

    /// Waits until every sentinel knows the others and the replicas: only then can they promote one.
    async fn agreed(&self) {
        for sentinel in &self.sentinels {
            poll("agreement of the sentinels", async || {
                let line = sentinel.info("sentinel", "master0")?;
                line.contains("status=ok,").then_some(())?;
                line.ends_with("slaves=2,sentinels=3").then_some(())
            })
            .await;
        }
    }

    /// Waits until a replica was promoted.
    async fn promoted(&self) {
        poll("promotion", async || self.replicas.iter().any(Node::is_primary).then_some(())).await;
    }

    /// The primary and who copies it, now.
    fn servers(&self) -> (&Node, Vec<&Node>) {
        let all = std::iter::once(&self.primary).chain(&self.replicas);
        let (mut primaries, others): (Vec<_>, Vec<_>) = all.partition(|node| node.is_primary());
        assert_eq!(primaries.len(), 1, "one primary");
        (primaries.remove(0), others)
    }

    fn url(&self) -> String {
        let hosts: Vec<_> =
            self.sentinels.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        format!("redis+sentinel://{}/{SERVICE}", hosts.join(","))
    }
}

#[tokio::test]
async fn the_primary_dies_and_the_replica_goes_on() {
    alone(async {
        let (seed, mut group) = (seed(), Group::start().await);
        let stack = Stack::start(&group.url(), 2, 2, &[]).await;
        let client = stack.client("main");
        client.ready_agents(&AGENTS).await;
        // One who waits for nobody in particular, and one who is being served.
        client.create_contact("waits", &["latin"]).await;
        client.create_contact("talks", &["english"]).await;
        let talks = client.contact_in("assigned", "talks").await;
        let mut load = Load::start(&client, seed).await;
        load.progress(50).await;
        group.primary.kill();
        group.promoted().await;
        load.progress(50).await;
        let mut contacts = load.finish().await;

        assert_eq!(client.get("contacts/talks").await, talks);
        client.complete("talks").await;
        assert_eq!(client.get("contacts/waits").await["state"], "queued");
        client.call(Ask::put("agents/ann/skills/latin")).await.expect(200);
        client.contact_in("assigned", "waits").await;
        client.complete("waits").await;
        contacts.extend(["talks", "waits"].map(str::to_owned));
        all_is_well(&client, &contacts).await;
        stack.ready().await;
    })
    .await;
}

#[tokio::test]
async fn the_primary_hangs_and_the_replica_goes_on() {
    alone(async {
        let (seed, group) = (seed(), Group::start().await);
        let stack = Stack::start(&group.url(), 2, 1, &[]).await;
        let client = stack.client("main");
        let mut load = Load::start(&client, seed).await;
        load.progress(20).await;
        signal("STOP", group.primary.pid());
        group.promoted().await;
        let promoted = Instant::now();
        load.progress(1).await;
        let gap = promoted.elapsed();
        assert!(gap < NOTICED, "nobody was served for {gap:?}");
        load.progress(20).await;
        all_is_well(&client, &load.finish().await).await;
        stack.ready().await;
    })
    .await;
}

/// The sentinels are asked whether the other's word will do.
#[tokio::test]
async fn a_replica_dies_and_the_others_go_on() {
    alone(async {
        let (seed, mut group) = (seed(), Group::start().await);
        let stack = Stack::start(&group.url(), 2, 1, &[]).await;
        let client = stack.client("main");
        let mut load = Load::start(&client, seed).await;
        load.progress(20).await;
        group.replicas[0].kill();
        load.progress(50).await;
        group.replicas[0].restart().await;
        load.progress(20).await;
        // With both away nobody is told anything, and both do not come back too late.
        for replica in &group.replicas {
            signal("STOP", replica.pid());
        }
        poll("a call that is not answered", async || {
            let answer = client.once(Ask::get("stats")).await.ok()?;
            (answer.status == 503).then_some(())
        })
        .await;
        for replica in &group.replicas {
            signal("CONT", replica.pid());
        }
        load.progress(20).await;
        all_is_well(&client, &load.finish().await).await;
        stack.ready().await;
    })
    .await;
}

/// It wakes up when another has just been promoted: for a moment it is a primary as before, with the
/// replica that has not been told yet, and sentinels that still name it.
#[tokio::test]
async fn the_primary_wakes_up_in_the_middle_of_its_replacement() {
    alone(async {
        let (seed, group) = (seed(), Group::start().await);
        let stack = Stack::start(&group.url(), 2, 1, &[]).await;
        let client = stack.client("main");
        let mut contacts = Vec::new();
        for round in 0..2 {
            // A load of its own each time: one that goes on for minutes keeps some waiting so long.
            let mut load = Load::start(&client, seed.wrapping_add(round << 32)).await;
            load.progress(20).await;
            let (primary, others) = group.servers();
            signal("STOP", primary.pid());
            let begun = Instant::now();
            while !others.iter().any(|node| node.is_primary()) {
                assert!(begun.elapsed() < PROMOTED, "nobody was promoted");
            }
            signal("CONT", primary.pid());
            load.progress(20).await;
            contacts.extend(load.finish().await);
            group.agreed().await;
            poll("return as a replica", async || (!primary.is_primary()).then_some(())).await;
        }
        all_is_well(&client, &contacts).await;
        stack.ready().await;
    })
    .await;
}
