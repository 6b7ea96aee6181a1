//! Who gets which contact, by example.

use acd_core::{
    agent::{Presence, PresenceChange, Work},
    contact::{ContactState, EndContact},
};

use crate::harness::Harness;

const T: i64 = 1_800_000_000_000;

#[tokio::test]
async fn the_longest_available_agent_with_the_skills_gets_the_contact() {
    let h = Harness::start().await;
    h.at(T).ready("young", &["english", "billing"]).await;
    h.at(T - 500).ready("unskilled", &["english"]).await;
    h.at(T - 100).ready("old", &["billing", "english", "sales"]).await;
    h.at(T + 1).queue("c", &["english", "billing"], 0).await;
    assert_eq!(h.at(T + 2).dispatch().await, ["c>old"]);
    let contact = h.contact("c").await;
    assert_eq!((contact.state, contact.assigned_at.unwrap().ms()), (ContactState::Assigned, T + 2));
    let agent = h.agent("old").await;
    assert_eq!(
        (agent.work, agent.contact, agent.available),
        (Work::Busy, Some("c".parse().unwrap()), false)
    );
    h.consistent().await;
}

#[tokio::test]
async fn a_tie_is_broken_by_the_agents_id() {
    let h = Harness::start().await;
    h.at(T).ready("b", &["x"]).await;
    h.at(T).ready("a", &["x"]).await;
    h.at(T).queue("c", &["x"], 0).await;
    assert_eq!(h.at(T).dispatch().await, ["c>a"]);
}

#[tokio::test]
async fn a_contact_nobody_can_serve_holds_up_nobody() {
    let h = Harness::start().await;
    h.at(T).queue("stuck", &["klingon"], 100).await;
    h.at(T + 1).queue("stuck2", &["klingon", "x"], 100).await;
    h.at(T + 2).queue("c", &["x"], 0).await;
    h.at(T + 3).ready("a", &["x"]).await;
    assert_eq!(h.at(T + 4).dispatch().await, ["c>a"]);
    h.consistent().await;
}

#[tokio::test]
async fn a_freed_agent_gets_the_contact_that_waited_longest_for_its_skills() {
    let h = Harness::start().await;
    h.at(T).queue("other", &["y"], 0).await;
    h.at(T + 1).queue("first", &["x", "z"], 0).await;
    h.at(T + 2).queue("second", &["x"], 0).await;
    h.at(T + 3).queue("third", &[], 0).await;
    h.at(T + 4).ready("a", &["x", "z"]).await;
    assert_eq!(h.at(T + 5).dispatch().await, ["first>a"]);
    h.at(T + 6).end("first", EndContact::Complete).await;
    assert_eq!(h.at(T + 7).dispatch().await, ["second>a"]);
    h.at(T + 8).end("second", EndContact::Complete).await;
    assert_eq!(h.at(T + 9).dispatch().await, ["third>a"]);
    h.consistent().await;
}

#[tokio::test]
async fn a_point_of_priority_is_worth_a_minute_and_starves_nobody() {
    let h = Harness::start().await;
    h.at(T).queue("patient", &["x"], 0).await;
    h.at(T + 59_999).queue("urgent", &["x"], 1).await;
    h.at(T + 60_001).queue("later", &["x"], 1).await;
    h.at(T + 60_002).ready("a", &["x"]).await;
    let mut order = Vec::new();
    for step in 0..3 {
        let made = h.at(T + 60_003 + step).dispatch().await;
        let contact = made[0].split_once('>').unwrap().0.to_owned();
        h.at(T + 60_003 + step).end(&contact, EndContact::Complete).await;
        order.push(contact);
    }
    assert_eq!(order, ["urgent", "patient", "later"]);
}

#[tokio::test]
async fn setting_the_same_presence_again_costs_nobody_their_place() {
    let h = Harness::start().await;
    h.at(T).ready("a", &["x"]).await;
    h.at(T + 1).ready("b", &["x"]).await;
    h.at(T + 2).presence("a", PresenceChange::READY).await;
    h.at(T + 3).queue("c", &["x"], 0).await;
    assert_eq!(h.at(T + 4).dispatch().await, ["c>a"]);
}

#[tokio::test]
async fn a_busy_agent_goes_where_it_was_sent_when_its_contact_has_ended() {
    let h = Harness::start().await;
    h.at(T).ready("a", &["x"]).await;
    h.at(T).queue("c", &["x"], 0).await;
    h.at(T).dispatch().await;
    let meal =
        PresenceChange { presence: Presence::NotReady, reason: Some("meal".parse().unwrap()) };
    let agent = h.at(T + 1).presence("a", meal.clone()).await;
    assert_eq!((agent.presence, agent.next_presence), (Presence::Ready, Some(meal)));
    h.at(T + 2).end("c", EndContact::Complete).await;
    let agent = h.agent("a").await;
    assert_eq!(
        (agent.presence, agent.available, agent.next_presence),
        (Presence::NotReady, false, None)
    );
    assert_eq!(agent.reason.unwrap().as_str(), "meal");
    h.consistent().await;
}

#[tokio::test]
async fn a_requeued_contact_keeps_its_place() {
    let h = Harness::start().await;
    h.at(T).queue("first", &["x"], 0).await;
    h.at(T + 1).queue("second", &["x"], 0).await;
    h.at(T + 2).ready("a", &["x"]).await;
    assert_eq!(h.at(T + 3).dispatch().await, ["first>a"]);
    let id = "first".parse().unwrap();
    let contact = h.at(T + 4).store.requeue_contact(&h.center, &id, None).await.unwrap();
    assert_eq!(
        (contact.state, contact.queued_at.ms(), contact.requeues),
        (ContactState::Queued, T, 1)
    );
    assert_eq!(h.at(T + 5).dispatch().await, ["first>a"]);
    h.consistent().await;
}

#[tokio::test]
async fn a_deleted_agents_contact_goes_back_to_its_place() {
    let h = Harness::start().await;
    h.at(T).ready("a", &["x"]).await;
    h.at(T).queue("c", &["x"], 0).await;
    h.at(T).dispatch().await;
    let id = "a".parse().unwrap();
    assert!(h.store.delete_agent(&h.center, &id, false).await.is_err());
    h.at(T + 1).store.delete_agent(&h.center, &id, true).await.unwrap();
    assert_eq!(h.contact("c").await.state, ContactState::Queued);
    h.at(T + 2).ready("b", &["x"]).await;
    assert_eq!(h.at(T + 3).dispatch().await, ["c>b"]);
    h.consistent().await;
}

#[tokio::test]
async fn learning_a_skill_lets_an_available_agent_serve_who_waits_for_it() {
    let h = Harness::start().await;
    h.at(T).ready("a", &["y"]).await;
    h.at(T + 1).queue("c", &["x", "y"], 0).await;
    assert!(h.at(T + 1).dispatch().await.is_empty());
    h.at(T + 2)
        .store
        .add_skill(&h.center, &"a".parse().unwrap(), &"x".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(h.at(T + 3).dispatch().await, ["c>a"]);
    h.consistent().await;
}

#[tokio::test]
async fn the_first_agent_with_a_skill_gets_who_waited_for_it_in_vain() {
    let h = Harness::start().await;
    h.at(T).ready("a", &["x"]).await;
    h.at(T + 1).queue("one", &["x", "y", "z"], 0).await;
    h.at(T + 2).queue("two", &["x", "y"], 0).await;
    h.at(T + 3).queue("gone", &["z"], 0).await;
    assert!(h.at(T + 4).dispatch().await.is_empty());
    assert_eq!(h.consistent().await.checked.signatures, 3);
    h.at(T + 4).end("gone", EndContact::Abandon).await;
    assert_eq!(h.consistent().await.checked.signatures, 2);
    h.at(T + 5).ready("b", &["x", "y"]).await;
    assert_eq!(h.at(T + 6).dispatch().await, ["two>b"]);
    h.at(T + 7).ready("c", &["x", "y", "z"]).await;
    assert_eq!(h.at(T + 8).dispatch().await, ["one>c"]);
    // Nobody has the skill any more, and the list, which was in use, goes on as before.
    h.at(T + 9).store.delete_agent(&h.center, &"c".parse().unwrap(), true).await.unwrap();
    h.at(T + 10).queue("sooner", &["x", "y", "z"], 1).await;
    h.consistent().await;
    h.at(T + 11).ready("d", &["x", "y", "z"]).await;
    assert_eq!(h.at(T + 12).dispatch().await, ["sooner>d"]);
    h.consistent().await;
}

#[tokio::test]
async fn a_repeated_requeue_takes_the_contact_from_nobody_else() {
    let h = Harness::start().await;
    h.at(T).ready("a", &["x"]).await;
    h.at(T + 1).ready("b", &["x"]).await;
    h.at(T + 2).queue("c", &["x"], 0).await;
    assert_eq!(h.at(T + 3).dispatch().await, ["c>a"]);
    let (id, from) = ("c".parse().unwrap(), "a".parse().unwrap());
    h.at(T + 4).store.requeue_contact(&h.center, &id, Some(&from)).await.unwrap();
    assert_eq!(h.at(T + 5).dispatch().await, ["c>b"]);
    let contact = h.at(T + 6).store.requeue_contact(&h.center, &id, Some(&from)).await.unwrap();
    assert_eq!((contact.agent.unwrap().as_str(), contact.requeues), ("b", 1));
    h.consistent().await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_no_time_negative() {
    let h = Harness::start().await;
    h.at(T).ready("a", &["x"]).await;
    h.at(T).queue("c", &["x"], 0).await;
    assert_eq!(h.at(T - 5000).dispatch().await, ["c>a"]);
    h.at(T - 9000).end("c", EndContact::Complete).await;
    let stats = h.store.read_stats(&h.center).await.unwrap();
    assert_eq!((stats.asa_s, stats.aht_s), (Some(0.0), Some(0.0)));
    h.consistent().await;
}
