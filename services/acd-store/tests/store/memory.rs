//! Redis is full.

use acd_core::contact::{ContactState, EndContact, NewContact};
use acd_store::StoreError;

use crate::harness::{Harness, skills};

#[tokio::test]
async fn who_starts_while_redis_is_full_ends_contacts() {
    let before = Harness::start().await;
    before.at(1_000).queue("waits", &["en"], 0).await;
    before.server.cli(&["CONFIG", "SET", "maxmemory", "1mb"]).unwrap();

    let harness = Harness::on(before.server).await;
    let more = NewContact {
        id: "more".parse().unwrap(),
        skills: skills(&["en"]),
        priority: 0,
        attributes: None,
    };
    let refused = harness.store.create_contact(&harness.center, &more).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    harness.at(2_000).end("waits", EndContact::Abandon).await;
    assert_eq!(harness.contact("waits").await.state, ContactState::Abandoned);
}
