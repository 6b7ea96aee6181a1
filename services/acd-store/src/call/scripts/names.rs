//! The names that Lua and Rust share: `lua/base/names.lua` against the Rust code.

use std::collections::{BTreeMap, BTreeSet};

use acd_core::{
    agent::Presence,
    contact::{ContactState, RejectionReason},
    event::EventKind,
};
use serde::Serialize;

use super::{tests::files, *};
use crate::{call::keys, error::Refusal};

/// `local NAME = 'value'`, line by line.
fn names() -> BTreeMap<&'static str, &'static str> {
    let text = include_str!("../../lua/base/names.lua");
    let mut names = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("--")) {
        let constant = line.strip_prefix("local ").and_then(|rest| rest.split_once(" = '"));
        let (name, value) = constant.unwrap();
        assert!(names.insert(name, value.strip_suffix('\'').unwrap()).is_none(), "{name} twice");
    }
    names
}

/// The values whose names begin with `prefix`. Each name is the prefix and its value in upper case.
fn values(prefix: &str) -> BTreeSet<String> {
    let names = names();
    let some = names.iter().filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, value)));
    some.map(|(name, value)| {
        assert_eq!(name, value.trim_end_matches(':').replace('.', "_").to_uppercase());
        (*value).to_owned()
    })
    .collect()
}

fn set<T: Serialize>(all: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    let text = |value| serde_json::to_value(value).unwrap().as_str().unwrap().to_owned();
    all.into_iter().map(text).collect()
}

#[test]
fn names_are_those_of_the_types() {
    assert_eq!(values("STATE_"), set(ContactState::ALL));
    assert_eq!(values("PRESENCE_"), set(Presence::ALL));
    assert_eq!(values("REASON_"), set(RejectionReason::ALL));
    assert_eq!(values("EVENT_"), set(EventKind::ALL));
}

#[test]
fn refusals_are_those_of_the_store() {
    let codes = values("REFUSAL_");
    let known: BTreeSet<String> = codes
        .iter()
        .map(|code| Refusal::from_code(code, "queued").unwrap().code().to_owned())
        .collect();
    assert_eq!(known.len(), codes.len(), "two codes mean the same");
    // Made by the store itself: a script is never given the cursor.
    let own = Refusal::BadCursor.code();
    let all = [
        Refusal::NoSuchCenter,
        Refusal::NoSuchContact,
        Refusal::NoSuchAgent,
        Refusal::StateConflict { state: "queued".into() },
        Refusal::AgentBusy,
        Refusal::TooManySkills,
    ];
    for refusal in &all {
        // A new refusal is missing here: add it above, and to names.lua.
        match refusal {
            Refusal::NoSuchCenter
            | Refusal::NoSuchContact
            | Refusal::NoSuchAgent
            | Refusal::StateConflict { .. }
            | Refusal::AgentBusy
            | Refusal::TooManySkills
            | Refusal::BadCursor => {}
        }
    }
    assert_eq!(known, all.iter().map(|refusal| refusal.code().to_owned()).collect());
    assert!(!known.contains(own));
}

/// The part of a page of the reference between two headings.
fn page(name: &str) -> String {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    std::fs::read_to_string(docs.join(name)).unwrap()
}

/// What stands between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn keys_are_those_of_the_reference_and_of_the_store() {
    let center = "c".parse().unwrap();
    let made = [
        ("KEY_DIRTY", keys::dirty(0)),
        ("KEY_BELL", keys::bell(0)),
        ("KEY_TIMERS", keys::timers(0)),
        ("KEY_CENTERS", keys::centers(0)),
        ("KEY_CONFIG", keys::config(0, &center)),
        ("KEY_EVENTS", keys::events(0, &center)),
        ("KEY_QUEUE", keys::of_center(0, &center, keys::QUEUE)),
        ("KEY_ASSIGNED", keys::of_center(0, &center, keys::ASSIGNED)),
        ("KEY_ENDED", keys::of_center(0, &center, keys::ENDED)),
    ];
    let names = names();
    for (name, key) in &made {
        assert_eq!(key.rsplit(':').next(), names.get(name).copied(), "{name}: {key}");
    }
    // No script has these.
    let others = [keys::never(0), keys::mark(0)];
    let others = others.iter().filter_map(|key| key.rsplit(':').next().map(str::to_owned));
    let page = page("keys.md");
    let documented = quoted(&page).filter_map(|key| {
        let rest = key.strip_prefix("acd:{p}:").or_else(|| key.strip_prefix("…:"))?;
        let rest = rest.strip_prefix("c:").unwrap_or(rest);
        Some(rest.split('<').next().unwrap_or_default().to_owned())
    });
    let all: BTreeSet<String> = values("KEY_").into_iter().chain(others).collect();
    assert_eq!(all, documented.collect());
}

#[test]
fn no_other_file_has_these_names_as_literals() {
    for (path, text) in files().into_iter().chain(COMMON[0]).chain(COMMON[1]) {
        if path == "base/names" {
            continue;
        }
        for (name, value) in names() {
            let quoted = format!("\"{value}\"");
            for line in text.lines().filter(|line| !line.trim_start().starts_with("--")) {
                let literal = |text: &str| line.contains(&format!("'{text}"));
                let found = match name.split('_').next() {
                    // A document may have a field of the same name.
                    Some("KEY") => {
                        line.to_lowercase().contains(&format!("center .. '{value}"))
                            || line.contains(&format!("PARTITION .. '{value}"))
                    }
                    Some("REFUSAL" | "TIMER") => literal(value),
                    Some("WORK") => literal(&format!("{value}'")) || literal(&format!("{value}|")),
                    _ => literal(&format!("{value}'")) || line.contains(&quoted),
                };
                assert!(!found, "{path}: {name} is a literal: {line}");
            }
        }
    }
}
