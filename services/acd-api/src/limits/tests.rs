use std::path::Path;

use serde_json::json;

use super::*;

/// The text of a file of the balancers.
fn configuration(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../haproxy").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of one section, without comments.
fn section<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let lines = text.lines().skip_while(|line| !line.starts_with(name)).skip(1);
    let indented = lines.take_while(|line| line.is_empty() || line.starts_with(' '));
    let found: Vec<_> = indented.map(str::trim).filter(|line| !line.starts_with('#')).collect();
    assert!(!found.is_empty(), "no section {name}");
    found
}

/// The duration after `words` in the one line that has them.
fn duration_after(lines: &[&str], words: &str, part_of_line: &str) -> Duration {
    let mut found = lines.iter().filter(|line| line.contains(part_of_line)).filter_map(|line| {
        let value = line.split_once(words)?.1.split_whitespace().next()?;
        // HAProxy's minute is `m`, as here.
        Some(acd_process::duration::duration(value).unwrap())
    });
    let value = found.next().unwrap_or_else(|| panic!("no {words:?} with {part_of_line:?}"));
    assert_eq!(found.next(), None, "{words:?} with {part_of_line:?} is there twice");
    value
}

#[test]
fn the_balancers_wait_as_long_as_is_said_here() {
    let (global, api) = (configuration("00-global.cfg"), configuration("10-api.cfg"));
    let http = section(&global, "defaults http");
    let after = |lines: &[&str], words: &str| {
        // The word before tells `timeout server` from `set-timeout server`.
        let lines: Vec<_> = lines.iter().map(|line| format!(" {line}")).collect();
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        duration_after(&lines, &format!(" {words} "), "")
    };
    assert_eq!(after(&http, "timeout http-request"), balancer::HTTP_REQUEST);
    assert_eq!(after(&http, "timeout http-keep-alive"), balancer::KEEP_ALIVE);

    let replicas = section(&api, "defaults replicas");
    assert_eq!(after(&replicas, "inter"), balancer::CHECK_INTERVAL);
    let fall = format!(" fall {} ", balancer::CHECK_FALL);
    assert!(replicas.iter().any(|line| line.contains(&fall)), "no{fall}");

    let repeatable = section(&api, "backend api from");
    let set = "http-request set-timeout server ";
    assert_eq!(after(&repeatable, "timeout server"), balancer::REPEATABLE);
    assert_eq!(duration_after(&repeatable, set, "/consistency"), balancer::CONSISTENCY);
    assert_eq!(duration_after(&repeatable, set, "text/event-stream"), balancer::STREAM);
    let once = section(&api, "backend api_once from");
    assert_eq!(after(&once, "timeout server"), balancer::ONCE);
    for section in [repeatable, once] {
        let template = format!("server-template api- {} ", balancer::REPLICAS);
        assert!(section.iter().any(|line| line.starts_with(&template)), "no {template}");
    }
}

#[test]
fn the_schemas_say_the_same() {
    let document = serde_json::to_value(crate::openapi()).unwrap();
    let schemas = &document["components"]["schemas"];
    for (schema, attribute, limit) in [
        ("ContactId", "maxLength", acd_core::ids::MAX_ID),
        ("Skill", "maxLength", acd_core::skill::MAX_SKILL),
        ("Name", "maxLength", MAX_NAME),
    ] {
        assert_eq!(schemas[schema][attribute], json!(limit), "{schema}.{attribute}");
    }
}
