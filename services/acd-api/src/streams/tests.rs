use std::time::Duration;

use acd_core::{center::CenterSettings, contact::NewContact, ids::ContactId, skill::Skills};
use acd_store::RedisArgs;
use acd_testing::RedisServer;

use super::*;

struct Fixture {
    redis: RedisServer,
    store: Store,
    streams: Streams,
    center: CenterId,
}

impl Fixture {
    async fn start() -> Self {
        let redis = RedisServer::start().await.unwrap();
        let lifecycle = Lifecycle::new();
        let store = Store::connect(&RedisArgs::at(&redis.url()), &lifecycle).await.unwrap();
        let center = CenterId::main();
        store.put_center(&center, &CenterSettings::default()).await.unwrap();
        let streams = Streams::new(store.clone(), lifecycle, CancellationToken::new(), 10);
        Self { redis, store, streams, center }
    }

    async fn subscribe(&self, after: Option<EventId>) -> Subscription {
        self.streams.subscribe(self.center.clone(), after).await.unwrap()
    }

    async fn contacts(&self, n: usize) {
        for _ in 0..n {
            let id = ContactId::generate();
            let new = NewContact { id, skills: Skills::default(), priority: 0, attributes: None };
            self.store.create_contact(&self.center, &new).await.unwrap();
        }
    }

    /// The ids of all events.
    async fn log(&self) -> Vec<EventId> {
        let mut ids = vec![EventId::START];
        loop {
            let last = *ids.last().unwrap();
            let page = self.store.events(&self.center, last, STREAM_PAGE).await.unwrap();
            if page.is_empty() {
                return ids.split_off(1);
            }
            ids.extend(page.iter().map(|event| event.id));
        }
    }

    /// How many connections wait for events.
    fn tails(&self) -> usize {
        let clients = self.redis.cli(&["CLIENT", "LIST"]).unwrap();
        clients.lines().filter(|line| line.contains("cmd=xread")).count()
    }

    async fn until_tails(&self, wanted: usize) {
        let reached = async {
            while self.tails() != wanted {
                sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), reached).await.expect("the tails");
    }
}

async fn ids(subscription: &mut Subscription, n: usize) -> Vec<EventId> {
    let mut ids = Vec::new();
    for _ in 0..n {
        let next = tokio::time::timeout(Duration::from_secs(20), subscription.next());
        let _ = next.await.expect("in time").expect("an event");
        ids.push(subscription.cursor);
    }
    ids
}

#[tokio::test]
async fn whoever_falls_behind_the_tail_misses_nothing() {
    let fixture = Fixture::start().await;
    let mut slow = fixture.subscribe(None).await;
    fixture.contacts(1).await;
    assert_eq!(ids(&mut slow, 1).await, fixture.log().await[1..]);
    // The tail brings more than it keeps while nobody reads.
    fixture.contacts(STREAM_BUFFER + STREAM_PAGE).await;
    let log = fixture.log().await;
    assert_eq!(ids(&mut slow, STREAM_BUFFER + STREAM_PAGE).await, log[2..]);
    fixture.contacts(1).await;
    assert_eq!(ids(&mut slow, 1).await, fixture.log().await[log.len()..]);
}

#[tokio::test]
async fn all_subscribers_of_a_center_share_one_tail_which_ends_with_the_last() {
    let fixture = Fixture::start().await;
    let (first, second) = (fixture.subscribe(None).await, fixture.subscribe(None).await);
    fixture.until_tails(1).await;
    drop(first);
    let mut second = second;
    fixture.contacts(1).await;
    assert_eq!(ids(&mut second, 1).await.len(), 1);
    fixture.until_tails(1).await;
    drop(second);
    fixture.until_tails(0).await;
    let mut third = fixture.subscribe(Some(EventId::START)).await;
    fixture.contacts(1).await;
    assert_eq!(ids(&mut third, 3).await, fixture.log().await);
}

#[tokio::test]
async fn subscribers_leave_when_the_server_closes() {
    let fixture = Fixture::start().await;
    let mut subscription = fixture.subscribe(None).await;
    fixture.streams.0.closing.cancel();
    assert!(subscription.next().await.is_none());
}
