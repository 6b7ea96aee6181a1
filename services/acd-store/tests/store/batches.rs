//! Contacts that many create at once, which go to Redis in groups.

use std::collections::BTreeSet;

use acd_core::{
    center::CenterSettings,
    contact::{Contact, EndContact, NewContact, RejectionReason},
};
use acd_store::{Refusal, StoreError, Stored};
use futures_util::future::join_all;

use crate::harness::{Harness, skills};

/// Ids in the order of the numbers: of two that come in the same millisecond the lesser id is first.
fn new(id: usize) -> NewContact {
    let id = format!("c{id:03}").parse().unwrap();
    NewContact { id, skills: skills(&["x"]), priority: 0, attributes: None }
}

impl Harness {
    async fn create(&self, id: usize) -> Result<Stored<Contact>, StoreError> {
        self.store.create_contact(&self.center, &new(id)).await
    }

    /// How many scripts Redis has run.
    fn scripts_run(&self) -> u64 {
        let stats = self.server.cli(&["INFO", "commandstats"]).unwrap();
        let calls = stats.split_once("cmdstat_evalsha:calls=").unwrap().1;
        calls.split_once(',').unwrap().0.parse().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_gets_the_answer_to_their_own_call() {
    let h = Harness::start().await;
    h.create(0).await.unwrap();
    let before = h.scripts_run();
    let stored = join_all((1..=300).map(|id| h.create(id))).await;
    assert!(h.scripts_run() - before < 100, "{} scripts", h.scripts_run() - before);
    let places: BTreeSet<u64> = stored
        .into_iter()
        .enumerate()
        .map(|(n, stored)| {
            let stored = stored.unwrap();
            assert!(stored.created);
            assert_eq!(stored.value.id, new(n + 1).id);
            stored.value.position.unwrap()
        })
        .collect();
    assert_eq!(places, (2..=301).collect());
    h.consistent().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_in_the_same_group_creates_nothing() {
    let h = Harness::start().await;
    let stored = join_all((0..200).map(|n| h.create(n % 50))).await;
    let created = stored.into_iter().filter(|stored| stored.as_ref().unwrap().created).count();
    assert_eq!(created, 50);
    h.consistent().await;
}

#[tokio::test]
async fn each_of_a_group_is_refused_for_itself() {
    let h = Harness::start().await;
    let full = CenterSettings { max_waiting: Some(20), ..CenterSettings::default() };
    h.store.put_center(&h.center, &full).await.unwrap();
    let stored = join_all((0..50).map(|n| h.create(n))).await;
    let reasons = stored.into_iter().map(|stored| stored.unwrap().value.reason);
    assert_eq!(reasons.filter(|reason| *reason == Some(RejectionReason::QueueFull)).count(), 30);
    h.consistent().await;

    let nowhere = "nowhere".parse().unwrap();
    let new: Vec<_> = (0..10).map(new).collect();
    for refused in join_all(new.iter().map(|new| h.store.create_contact(&nowhere, new))).await {
        assert!(matches!(refused, Err(StoreError::Refused(Refusal::NoSuchCenter))), "{refused:?}");
    }
}

#[tokio::test]
async fn what_is_broken_for_one_is_no_matter_of_the_others() {
    let h = Harness::start().await;
    for n in 0..3 {
        h.at(1).ready(&format!("a{n}"), &["x"]).await;
        h.create(n).await.unwrap();
    }
    assert_eq!(h.at(2).dispatch().await.len(), 3);
    let key = format!("acd:{{{}}}:main:agent:a1", h.store.partition_of(&h.center));
    h.server.cli(&["DEL", &key]).unwrap();

    let ids: Vec<_> = (0..3).map(|n| new(n).id).collect();
    let end = |id| h.store.end_contact(&h.center, id, EndContact::Complete);
    let ended = join_all(ids.iter().map(end)).await;
    assert!(matches!(ended[..], [Ok(_), Err(StoreError::Broken(_)), Ok(_)]), "{ended:?}");
}

#[tokio::test]
async fn who_gives_up_takes_nobody_along() {
    let h = Harness::start().await;
    {
        // It began the group, and is gone before it is sent.
        let first = std::pin::pin!(h.create(0));
        assert!(futures_util::poll!(first).is_pending());
    }
    let stored = join_all((1..20).map(|n| h.create(n))).await;
    assert!(stored.into_iter().all(|stored| stored.unwrap().created));
    assert_eq!(h.consistent().await.checked.contacts, 19);
}
