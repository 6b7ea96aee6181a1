use serde_json::{Value, json};
use utoipa::PartialSchema;

use super::*;

fn id() -> EventId {
    "5-1".parse().unwrap()
}

/// The event that an entry of the log gives, and what goes over the wire of it.
fn logged(kind: &str, members: &str) -> (Event, Value) {
    let event = Event::from_log(id(), kind, members).unwrap();
    let json = serde_json::to_value(&event).unwrap();
    let text = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
    assert_eq!(serde_json::from_value::<Event>(json.clone()).unwrap(), event);
    (event, json)
}

#[test]
fn every_kind_reads_back_its_example_with_nothing_left_over() {
    for kind in EventKind::ALL {
        let Value::Object(mut members) = serde_json::from_str(kind.example()).unwrap() else {
            panic!("{kind} has no object for an example");
        };
        members.insert("at".into(), json!("1970-01-01T00:00:00.007Z"));
        members.insert("id".into(), json!("5-1"));
        members.insert("type".into(), json!(kind.as_str()));
        let wire = Value::Object(members);
        let event: Event = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!((event.payload.kind(), event.payload.name()), (Some(*kind), kind.as_str()));
        assert_eq!(event.other, Map::new(), "{kind}");
        assert_eq!(serde_json::to_value(&event).unwrap(), wire);
    }
}

#[test]
fn an_assignment_shows_its_instants_as_texts() {
    let (event, json) = logged(
        "contact.assigned",
        r#"{"at_ms":1795253400125,"contact":"c","agent":"a","wait_ms":7,
            "idle_since_ms":1795253400120,"candidates":3}"#,
    );
    let Payload::ContactAssigned(assigned) = &event.payload else { panic!("{event:?}") };
    assert_eq!(assigned.idle_since.ms(), 1_795_253_400_120);
    assert_eq!((event.payload.contact().unwrap().as_str(), assigned.wait_ms), ("c", 7));
    assert_eq!(
        json,
        json!({"id": "5-1", "type": "contact.assigned", "at": "2026-11-21T09:30:00.125Z",
            "contact": "c", "agent": "a", "wait_ms": 7, "candidates": 3,
            "idle_since": "2026-11-21T09:30:00.120Z"})
    );
}

#[test]
fn null_and_absent_stay_apart() {
    let idle = r#"{"at_ms":1,"agent":"a","presence":"ready","reason":null}"#;
    let (event, json) = logged("agent.presence", idle);
    assert!(matches!(
        event.payload,
        Payload::AgentPresence(AgentPresence { next_presence: None, next_reason: None, .. })
    ));
    assert_eq!((json.get("reason"), json.get("next_presence")), (Some(&Value::Null), None));

    let busy = r#"{"at_ms":1,"agent":"a","presence":"ready","reason":null,"next_presence":null,
        "next_reason":null}"#;
    let (event, json) = logged("agent.presence", busy);
    assert!(matches!(
        event.payload,
        Payload::AgentPresence(AgentPresence { next_presence: Some(None), .. })
    ));
    assert_eq!(json.get("next_presence"), Some(&Value::Null));

    let (_, json) = logged("contact.canceled", r#"{"at_ms":1,"contact":"c","wait_ms":5}"#);
    assert_eq!((json.get("agent"), json.get("wait_ms")), (None, Some(&json!(5))));
}

#[test]
fn what_a_newer_release_writes_passes_through() {
    // A kind, a member, a name and a version that this release does not know.
    for (kind, members) in [
        ("contact.parked", json!({"contact": "c", "slot": [1, {"a": null}]})),
        ("contact.queued", json!({"contact": "c", "skills": [], "priority": 0, "queue": "q"})),
        ("contact.rejected", json!({"contact": "c", "reason": "overload"})),
        ("agent.deleted", json!({"agent": "a", "v": 2})),
    ] {
        let Value::Object(mut expected) = members.clone() else { unreachable!() };
        let mut written = expected.clone();
        written.insert("at_ms".into(), json!(7));
        let (event, json) = logged(kind, &Value::Object(written).to_string());
        expected.insert("id".into(), json!("5-1"));
        expected.insert("type".into(), json!(kind));
        expected.insert("at".into(), json!("1970-01-01T00:00:00.007Z"));
        assert_eq!(json, Value::Object(expected));
        let known = kind == "contact.queued";
        assert_eq!(event.payload.kind().is_some(), known, "{kind}");
        assert_eq!(event.payload.name(), kind);
        assert_eq!(event.other.contains_key("contact"), members.get("contact").is_some() && !known);
    }
    let (event, _) = logged("agent.deleted", r#"{"at_ms":1,"v":1,"agent":"a"}"#);
    assert_eq!(event.payload.kind(), Some(EventKind::AgentDeleted), "this version, spelled out");
}

#[test]
fn an_entry_without_a_time_is_no_event() {
    for members in ["", "[]", "{}", r#"{"at_ms":"x"}"#, r#"{"at_ms":1"#, r#"{"at_ms":1} 2"#] {
        assert!(Event::from_log(id(), "agent.deleted", members).is_err(), "{members}");
    }
    assert!(serde_json::from_str::<Event>(r#"{"id":"5-1","type":"agent.deleted"}"#).is_err());
}

#[test]
fn the_description_covers_every_kind_and_member() {
    let schema = serde_json::to_value(Event::schema()).unwrap();
    let mapping = schema["discriminator"]["mapping"].as_object().unwrap();
    assert_eq!(mapping.len(), EventKind::ALL.len());
    let reference = reference();
    for kind in EventKind::ALL {
        assert!(mapping.contains_key(kind.as_str()));
        let (_, section) = reference.split_once(&format!("## `{kind}`\n")).unwrap();
        let section = section.split("\n## ").next().unwrap();
        for member in kind.members() {
            let line = section.lines().find(|line| line.starts_with(&format!("| `{member}` | ")));
            assert!(line.is_some_and(|line| !line.ends_with("|  |")), "{kind} {member}: {line:?}");
        }
    }
}

#[test]
fn the_committed_reference_is_what_the_types_say() {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/events.md");
    if std::env::var_os("ACD_UPDATE_SNAPSHOT").is_some() {
        std::fs::write(FILE, reference()).unwrap();
    }
    let committed = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        committed == reference(),
        "the events differ from {FILE}: run this test with ACD_UPDATE_SNAPSHOT=1 and commit"
    );
}
