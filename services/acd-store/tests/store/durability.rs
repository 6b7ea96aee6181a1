//! A primary, a replica, and what is answered when the replica has it, and when it has not.

use std::{pin::pin, time::Duration};

use acd_core::{
    agent::PresenceChange,
    center::CenterSettings,
    contact::{ContactState, NewContact},
    event::EventId,
    ids::CenterId,
};
use acd_process::lifecycle::Lifecycle;
use acd_store::{DurabilityChoice, RedisArgs, Store, StoreError};
use acd_testing::RedisServer;
use tokio::task::JoinSet;

use crate::harness::{Harness, skills};

/// Shorter than anybody would choose, so that the tests are, too.
const DEADLINE: Duration = Duration::from_secs(1);

async fn store(server: &RedisServer, durability: DurabilityChoice) -> Store {
    let args = RedisArgs { durability, redis_deadline: DEADLINE, ..RedisArgs::at(&server.url()) };
    let store = Store::connect(&args, &Lifecycle::new()).await.unwrap();
    store.put_center(&CenterId::main(), &CenterSettings::default()).await.unwrap();
    store
}

fn new(id: &str) -> NewContact {
    NewContact { id: id.parse().unwrap(), skills: skills(&["en"]), priority: 0, attributes: None }
}

/// Creates a contact in `main`.
async fn create(store: &Store, id: &str) -> Result<bool, StoreError> {
    let created = store.create_contact(&CenterId::main(), &new(id)).await;
    created.map(|stored| stored.created)
}

fn is_unavailable<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> bool {
    match answer {
        Err(StoreError::Unavailable(_)) => true,
        other => panic!("this should not have been answered: {other:?}"),
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_when_the_primary_is_not() {
    let (mut primary, replica) = RedisServer::start_pair().await.unwrap();
    let store = store(&primary, DurabilityChoice::Replicated).await;
    // One after the other and many at once, so that rounds of one and of many are among them.
    let mut clients = JoinSet::new();
    for client in 0..20 {
        let store = store.clone();
        clients.spawn(async move {
            let mut acknowledged = Vec::new();
            for number in 0.. {
                let id = format!("c{client}-{number}");
                match create(&store, &id).await {
                    Ok(_) => acknowledged.push(id),
                    Err(_) => return acknowledged,
                }
            }
            acknowledged
        });
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    primary.kill().unwrap();
    replica.cli(&["REPLICAOF", "NO", "ONE"]).unwrap();

    let promoted = Harness::on(replica).await;
    let mut count = 0;
    for acknowledged in clients.join_all().await {
        for id in acknowledged {
            assert_eq!(promoted.contact(&id).await.state, ContactState::Queued);
            count += 1;
        }
    }
    assert!(count > 20, "only {count} were acknowledged");
    promoted.consistent().await;
}

#[tokio::test]
async fn nobody_is_told_anything_that_no_replica_has() {
    let (primary, replica) = RedisServer::start_pair().await.unwrap();
    let store = store(&primary, DurabilityChoice::Replicated).await;
    let main = CenterId::main();
    assert!(create(&store, "before").await.unwrap());

    replica.pause().unwrap();
    assert!(is_unavailable(create(&store, "meanwhile").await));
    // Nor what is only read, nor a refusal: both may rest on what others wrote.
    assert!(is_unavailable(store.read_contact(&main, &"meanwhile".parse().unwrap()).await));
    assert!(is_unavailable(store.read_contact(&main, &"nobody".parse().unwrap()).await));
    assert!(is_unavailable(store.center(&main).await));
    assert!(is_unavailable(store.read_stats(&main).await));
    assert!(is_unavailable(store.events(&main, EventId::START, 10).await));
    assert!(is_unavailable(store.dispatch(store.partition_of(&main), 10).await));

    replica.resume().unwrap();
    // A repeat is safe: it had been created.
    assert!(!create(&store, "meanwhile").await.unwrap());
    let refused = store.read_contact(&main, &"nobody".parse().unwrap()).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert!(store.consistency(&main).await.unwrap().consistent);
}

#[tokio::test]
async fn a_call_waits_for_a_replica_that_is_soon_back() {
    let (primary, replica) = RedisServer::start_pair().await.unwrap();
    let store = store(&primary, DurabilityChoice::Replicated).await;
    replica.pause().unwrap();
    let mut waiting = pin!(create(&store, "patient"));
    let answered = tokio::time::timeout(Duration::from_millis(200), &mut waiting).await;
    assert!(answered.is_err(), "{answered:?}");
    replica.resume().unwrap();
    assert!(waiting.await.unwrap(), "its own earlier attempt is no other contact");
}

#[tokio::test]
async fn events_are_told_when_a_replica_has_them() {
    let (primary, replica) = RedisServer::start_pair().await.unwrap();
    let replicated = store(&primary, DurabilityChoice::Replicated).await;
    let local = store(&primary, DurabilityChoice::Local).await;
    let main = CenterId::main();
    let last = replicated.last_event_id(&main).await.unwrap();
    let mut follower = replicated.follow_events(&main, last).await.unwrap();

    replica.pause().unwrap();
    assert!(create(&local, "unseen").await.unwrap());
    assert!(is_unavailable(follower.next(Duration::from_secs(1)).await));
    replica.resume().unwrap();
    let events = follower.next(Duration::from_secs(5)).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].payload.contact().unwrap().as_str(), "unseen");
}

#[tokio::test]
async fn who_listens_to_a_primary_that_was_given_up_hears_the_other() {
    let ((old, _old_replica), (new, _new_replica)) =
        (RedisServer::start_pair().await.unwrap(), RedisServer::start_pair().await.unwrap());
    store(&new, DurabilityChoice::Local).await;
    // An address that leads to the one, and then to the other.
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("redis.sock");
    std::os::unix::fs::symlink(old.socket(), &socket).unwrap();
    let args = RedisArgs {
        durability: DurabilityChoice::Replicated,
        ..RedisArgs::at(&format!("redis+unix://{}", socket.display()))
    };
    let (store, main) = (Store::connect(&args, &Lifecycle::new()).await.unwrap(), CenterId::main());
    store.put_center(&main, &CenterSettings::default()).await.unwrap();
    let last = store.last_event_id(&main).await.unwrap();
    let mut follower = store.follow_events(&main, last).await.unwrap();
    assert_eq!(follower.next(Duration::from_millis(10)).await.unwrap(), []);

    std::fs::remove_file(&socket).unwrap();
    std::os::unix::fs::symlink(new.socket(), &socket).unwrap();
    // The follower's connection to the old one stays; calls go to the new one.
    let clients = old.cli(&["CLIENT", "LIST", "TYPE", "normal"]).unwrap();
    for client in clients.lines().filter(|client| !client.contains("cmd=xread")) {
        let id = client.strip_prefix("id=").and_then(|rest| rest.split(' ').next()).unwrap();
        // redis-cli itself is among them, and gone.
        let _ = old.cli(&["CLIENT", "KILL", "ID", id]);
    }
    assert!(create(&store, "heard").await.unwrap());
    let told = follower.next(Duration::from_millis(10)).await.unwrap();
    assert_eq!(told.last().unwrap().payload.contact().unwrap().as_str(), "heard");
}

#[tokio::test]
async fn an_assignment_is_told_when_a_replica_has_it() {
    let (primary, replica) = RedisServer::start_pair().await.unwrap();
    let replicated = store(&primary, DurabilityChoice::Replicated).await;
    let harness = Harness::on(primary).await;
    let (main, partition) = (CenterId::main(), replicated.partition_of(&CenterId::main()));
    harness.at(1_000).create("ann", &["en"]).await;
    harness.at(1_000).presence("ann", PresenceChange::READY).await;
    create(&replicated, "call").await.unwrap();

    replica.pause().unwrap();
    assert!(is_unavailable(replicated.dispatch(partition, 10).await));
    let (ann, call) = ("ann".parse().unwrap(), "call".parse().unwrap());
    assert!(is_unavailable(replicated.read_agent(&main, &ann).await));
    assert!(is_unavailable(replicated.read_contact(&main, &call).await));
    replica.resume().unwrap();
    replicated.dispatch(partition, 10).await.unwrap();
    assert_eq!(replicated.read_contact(&main, &call).await.unwrap().agent, Some(ann));
}

#[tokio::test]
async fn who_asks_for_less_is_answered_by_the_primary() {
    let (primary, replica) = RedisServer::start_pair().await.unwrap();
    let local = store(&primary, DurabilityChoice::Local).await;
    let auto = store(&primary, DurabilityChoice::Auto).await;
    replica.pause().unwrap();
    assert!(create(&local, "local").await.unwrap());
    assert!(is_unavailable(create(&auto, "auto").await));
    replica.resume().unwrap();

    let alone = RedisServer::start().await.unwrap();
    let auto = store(&alone, DurabilityChoice::Auto).await;
    assert!(create(&auto, "auto").await.unwrap(), "there is no replica to wait for");
}

#[tokio::test]
async fn who_finds_a_replica_later_waits_for_it_from_then_on() {
    let (primary, replica) = RedisServer::start_pair().await.unwrap();
    let of = replica.cli(&["CONFIG", "GET", "replicaof"]).unwrap();
    let (host, port) = of.lines().last().unwrap().split_once(' ').unwrap();
    replica.cli(&["REPLICAOF", "NO", "ONE"]).unwrap();
    let auto = store(&primary, DurabilityChoice::Auto).await;
    assert!(create(&auto, "before").await.unwrap(), "there is no replica to wait for");

    replica.cli(&["REPLICAOF", host, port]).unwrap();
    let mut number = 0;
    loop {
        number += 1;
        assert!(number < 100, "it never looked");
        tokio::time::sleep(Duration::from_millis(200)).await;
        replica.pause().unwrap();
        let answer = create(&auto, &format!("c{number}")).await;
        replica.resume().unwrap();
        match answer {
            Ok(created) => assert!(created),
            Err(error) => {
                assert!(is_unavailable::<()>(Err(error)));
                return;
            }
        }
    }
}
