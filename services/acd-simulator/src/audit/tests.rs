//! Logs that are fine, and logs that tell of each thing that must never happen.

use acd_testing::skills;

use super::*;
use crate::testing;

/// Books on two agents; `x-a` can do more than `x-b`.
fn books() -> Audit {
    let agents = [("x-a", skills(&["en", "billing"])), ("x-b", skills(&["en"]))];
    Audit::new(agents.map(|(id, skills)| (id.parse().unwrap(), skills)).into())
}

/// Takes the event that `text` names; contacts of ours begin with `x-`.
fn see(audit: &mut Audit, text: &str) {
    if let Some(contact) = text.split(' ').nth(1).filter(|id| id.starts_with("x-")) {
        audit.expect(&contact.parse().unwrap());
    }
    audit.observe(&testing::event("1-0", text));
}

/// The books after these events, all of whose contacts were acknowledged beforehand.
fn after(events: &[&str]) -> Audit {
    let mut audit = books();
    for event in events {
        let contact = event.split(' ').nth(1).unwrap();
        if contact.starts_with("x-") {
            audit.acknowledge(&contact.parse().unwrap());
        }
        see(&mut audit, event);
    }
    audit
}

/// How many findings there are: held two, unqualified, out of order; and contacts without an end.
fn found(audit: &Audit) -> [usize; 4] {
    let open = audit.without_end().count();
    assert_eq!(open, audit.unfinished());
    [audit.held_two.count, audit.unqualified.count, audit.out_of_order.count, open]
}

#[test]
fn finds_nothing_in_a_good_log() {
    let audit = after(&[
        "queued x-1",
        "queued x-2",
        "queued x-3",
        "queued x-4",
        "assigned x-1 x-a",
        "assigned x-2 x-b",
        "requeued x-2 x-b",
        "assigned x-2 x-b",
        "completed x-1 x-a",
        "assigned x-3 x-a",
        "canceled x-3 x-a",
        "abandoned x-4",
        "completed x-2 x-b",
        "rejected x-5",
    ]);
    assert_eq!(found(&audit), [0, 0, 0, 0]);
    assert_eq!(audit.ended().count(), 5);
}

#[test]
fn sees_an_agent_with_two_contacts() {
    let mut log = vec!["queued x-1", "queued x-2", "assigned x-1 x-a", "assigned x-2 x-a"];
    log.extend(["completed x-1 x-a", "completed x-2 x-a"]);
    assert_eq!(found(&after(&log)), [1, 0, 0, 0]);
}

#[test]
fn sees_a_second_contact_of_somebody_else_too() {
    let audit = after(&["assigned other x-a", "queued x-1", "assigned x-1 x-a"]);
    assert_eq!((found(&audit)[0], audit.strangers()), (1, 1));
    let audit = after(&["assigned o x-a", "completed o x-a", "queued x-1", "assigned x-1 x-a"]);
    assert_eq!((found(&audit)[0], audit.strangers()), (0, 1));
}

#[test]
fn sees_a_contact_with_two_agents() {
    let log = ["queued x-1", "assigned x-1 x-a", "assigned x-1 x-b", "completed x-1 x-b"];
    assert_eq!(found(&after(&log)), [1, 0, 0, 0]);
}

#[test]
fn sees_a_lost_contact() {
    assert_eq!(found(&after(&["queued x-1", "queued x-2", "abandoned x-2"])), [0, 0, 0, 1]);

    let mut audit = books();
    audit.acknowledge(&"x-9".parse().unwrap());
    assert_eq!(found(&audit), [0, 0, 0, 1], "acknowledged, and the log knows nothing of it");
}

#[test]
fn does_not_care_whether_the_answer_or_the_event_comes_first() {
    let mut audit = books();
    see(&mut audit, "queued x-1");
    see(&mut audit, "abandoned x-1");
    audit.acknowledge(&"x-1".parse().unwrap());
    audit.acknowledge(&"x-1".parse().unwrap());
    assert_eq!(found(&audit), [0, 0, 0, 0]);
}

#[test]
fn sees_what_can_not_happen() {
    let ended = ["queued x-1", "assigned x-1 x-a", "completed x-1 x-a"];
    for then in ["completed x-1 x-a", "assigned x-1 x-b", "queued x-1", "requeued x-1 x-a"] {
        assert_eq!(found(&after(&[&ended[..], &[then]].concat()))[2], 1, "{then}");
    }
    assert_eq!(found(&after(&["queued x-1", "completed x-1 x-a"]))[2], 1, "never assigned");
}

#[test]
fn sees_an_agent_without_the_skill() {
    let mut audit = books();
    let log = ["queued x-1 billing", "assigned x-1 x-a", "queued x-2 billing", "assigned x-2 x-b"];
    for text in log {
        see(&mut audit, text);
    }
    assert_eq!(audit.unqualified().count, 1);
    assert!(audit.unqualified().shown[0].contains("x-2"), "{:?}", audit.unqualified());
}

#[test]
fn lets_be_what_it_does_not_know() {
    let mut audit = after(&["queued x-1"]);
    let parked =
        r#"{"id":"2-0","at":"2026-01-01T00:00:00Z","type":"contact.parked","contact":"x-1"}"#;
    audit.observe(&serde_json::from_str(parked).unwrap());
    see(&mut audit, "abandoned x-1");
    assert_eq!(found(&audit), [0, 0, 0, 0]);
}
