use std::{collections::BTreeSet, fs};

use acd_core::{
    agent::{Agent, PresenceChange, SkillUse},
    center::Center,
    consistency::{Checked, Consistency, Violation},
    contact::Contact,
    explain::{Decision, Explanation, WhyWaiting},
    stats::{AgentCounts, ServiceLevel, Stats},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// The committed description: whoever changes the API sees the change in the diff.
const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

fn document() -> Value {
    serde_json::to_value(crate::openapi()).unwrap()
}

/// Every operation as (method, path, operation).
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(move |(method, operation)| (method.clone(), path.clone(), operation.clone()))
    });
    each.collect()
}

#[test]
fn is_what_is_committed() {
    let current = format!("{}\n", crate::openapi().to_pretty_json().unwrap());
    if std::env::var_os("ACD_UPDATE_SNAPSHOT").is_some() {
        fs::write(SNAPSHOT, &current).unwrap();
    }
    let committed = fs::read_to_string(SNAPSHOT).unwrap_or_default();
    assert!(
        committed == current,
        "the API differs from {SNAPSHOT}: run this test with ACD_UPDATE_SNAPSHOT=1 and commit"
    );
}

#[test]
fn every_operation_has_its_own_id_a_summary_and_described_answers() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["license"]["identifier"], "Apache-2.0");
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(operation["summary"].is_string(), "{method} {path} has no summary");
        assert!(operation["tags"].is_array(), "{method} {path} has no tag");
        assert!(ids.insert(id), "{method} {path} shares its operationId");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("default"), "{method} {path} has no default problem");
        for (status, response) in responses {
            let described = response.get("$ref").is_some() || response["description"] != "";
            assert!(described, "{method} {path} does not describe {status}");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{method} {path}: {parameter}");
        }
    }
    assert_eq!(ids.len(), 38);
}

#[test]
fn every_reference_leads_somewhere() {
    fn visit(value: &Value, document: &Value) {
        match value {
            Value::Object(object) => {
                if let Some(Value::String(target)) = object.get("$ref") {
                    let found = document.pointer(target.strip_prefix('#').unwrap());
                    assert!(found.is_some(), "{target} is not in the document");
                }
                object.values().for_each(|value| visit(value, document));
            }
            Value::Array(list) => list.iter().for_each(|value| visit(value, document)),
            _ => {}
        }
    }
    let document = document();
    visit(&document, &document);
}

#[test]
fn every_body_refuses_what_it_does_not_describe() {
    let document = document();
    for (method, path, operation) in operations(&document) {
        let Some(body) = operation.get("requestBody") else {
            continue;
        };
        let target = body["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
        let schema = document.pointer(&target[1..]).unwrap();
        let schemas = schema["oneOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
        for schema in schemas {
            assert_eq!(schema["additionalProperties"], false, "{method} {path}");
        }
    }
}

/// Whether a sample of the schema can be shown that is no invention of the viewer's, such as
/// `"string"` or `0`.
fn has_sample(schema: &Value) -> bool {
    let list = |name: &str| schema[name].as_array();
    let properties = schema["properties"].as_object();
    list("examples").is_some_and(|examples| !examples.is_empty())
        // A component, which is checked by itself.
        || schema["$ref"].is_string()
        || schema.get("items").is_some_and(has_sample)
        || list("oneOf").is_some_and(|choices| choices.iter().any(has_sample))
        || properties.is_some_and(|properties| properties.values().all(has_sample))
}

#[test]
fn every_schema_has_an_example() {
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(has_sample(schema), "{name} has no example: {schema}");
    }
    for (method, path, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let has = parameter["example"].is_string() || parameter["in"] != "path";
            assert!(has, "{method} {path}: {} has no example", parameter["name"]);
        }
    }
}

#[test]
fn examples_of_responses_are_complete() {
    /// Reads the examples of a schema as its type; writing them again gives the same.
    fn check<T: Serialize + DeserializeOwned>(document: &Value, name: &str) {
        let examples = &document["components"]["schemas"][name]["examples"];
        for example in examples.as_array().unwrap() {
            // As text: a part of it may be kept to the letter.
            let value: T = serde_json::from_str(&example.to_string()).unwrap();
            assert_eq!(serde_json::to_value(value).unwrap(), *example, "{name}");
        }
    }
    let document = document();
    check::<Agent>(&document, "Agent");
    check::<AgentCounts>(&document, "AgentCounts");
    check::<Center>(&document, "Center");
    check::<Checked>(&document, "Checked");
    check::<Consistency>(&document, "Consistency");
    check::<Contact>(&document, "Contact");
    check::<Decision>(&document, "Decision");
    check::<Explanation>(&document, "Explanation");
    check::<PresenceChange>(&document, "PresenceChange");
    check::<ServiceLevel>(&document, "ServiceLevel");
    check::<SkillUse>(&document, "SkillUse");
    check::<Stats>(&document, "Stats");
    check::<Violation>(&document, "Violation");
    check::<WhyWaiting>(&document, "WhyWaiting");
}
