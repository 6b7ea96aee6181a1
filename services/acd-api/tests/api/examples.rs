//! Sends every request example of the OpenAPI document to a server. An example is what a reader
//! sends first, as it is shown, so each must succeed.

use std::collections::BTreeSet;

use acd_api::openapi;
use reqwest::Method;
use serde_json::Value;

use crate::app::{Answer, TestApp};

/// Orders in which every example succeeds, as operation ids. Each order has a server of its own, for
/// one contact has one end.
const ORDERS: [&[&str]; 3] = [
    &[
        "healthz",
        "readyz",
        "metrics",
        "put_center",
        "get_center",
        "list_centers",
        "create_agent",
        "get_agent",
        "list_agents",
        "update_agent",
        "add_agent_skill",
        "list_skills",
        "remove_agent_skill",
        "delete_skill",
        "set_agent_state",
        "create_contact",
        "list_contacts",
        "requeue_contact",
        "cancel_contact",
        "get_consistency",
        "delete_agent",
    ],
    &["create_contact", "abandon_contact"],
    &[
        "classic_set_acd_state",
        "classic_create_agent",
        "classic_update_agent",
        "classic_add_agent_skill",
        "classic_remove_agent_skill",
        "classic_set_agent_state",
        "classic_create_contact",
        "create_contact",
        "classic_get_contact",
        "classic_finish_contact",
        "classic_delete_skill",
        "classic_delete_agent",
    ],
];

/// An operation of the document.
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    /// The path as a template.
    pub(crate) template: String,
    /// The path and query with the examples of their parameters.
    pub(crate) target: String,
    /// The examples of the body; `None` for an operation without one.
    bodies: Vec<Option<Value>>,
}

/// Every operation of the document.
pub(crate) fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(template, item)| {
        item.as_object().unwrap().iter().map(|(method, operation)| Operation {
            id: operation["operationId"].as_str().unwrap().to_owned(),
            method: method.to_uppercase().parse().unwrap(),
            template: template.clone(),
            target: target(template, operation),
            bodies: bodies(document, operation),
        })
    });
    each.collect()
}

/// The document as the server publishes it.
pub(crate) fn document() -> Value {
    serde_json::to_value(openapi()).unwrap()
}

fn target(template: &str, operation: &Value) -> String {
    let (mut path, mut query) = (template.to_owned(), Vec::new());
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        match (parameter["in"].as_str().unwrap(), parameter["example"].as_str()) {
            ("path", Some(example)) => path = path.replace(&format!("{{{name}}}"), example),
            ("query", Some(example)) => query.push(format!("{name}={example}")),
            ("path", None) => panic!("{template}: {name} has no example"),
            _ => {}
        }
    }
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

fn bodies(document: &Value, operation: &Value) -> Vec<Option<Value>> {
    let Some(body) = operation.get("requestBody") else {
        return vec![None];
    };
    let media = &body["content"]["application/json"];
    if let Some(examples) = media["examples"].as_object() {
        return examples.values().map(|example| Some(example["value"].clone())).collect();
    }
    let schema = media["schema"]["$ref"].as_str().unwrap().trim_start_matches('#');
    let examples = document.pointer(schema).unwrap()["examples"].as_array();
    examples.unwrap().iter().cloned().map(Some).collect()
}

/// Sends an example, then does what a dispatcher would do.
async fn send(app: &TestApp, operation: &Operation, body: Option<&Value>) -> Answer {
    let mut request = app.request(operation.method.clone(), &operation.target);
    if let Some(body) = body {
        request = request.json(body);
    }
    let answer = Answer::of(request).await;
    assert!((200..300).contains(&answer.status), "{} {body:?}: {answer:?}", operation.id);
    app.dispatch().await;
    answer
}

/// The operations that the introduction lists as first steps, in order.
fn first_steps(document: &Value) -> Vec<(Method, String)> {
    let text = document["info"]["description"].as_str().unwrap();
    let numbered = text.lines().filter_map(|line| {
        let (number, step) = line.split_once(". `")?;
        number.parse::<u8>().ok()?;
        let (method, template) = step.split_once('`')?.0.split_once(' ')?;
        Some((method.parse().unwrap(), template.to_owned()))
    });
    numbered.collect()
}

#[tokio::test]
async fn the_first_steps_succeed_in_the_order_of_the_introduction() {
    let app = TestApp::start().await;
    let (document, mut seen) = (document(), Vec::new());
    let operations = operations(&document);
    for (method, template) in first_steps(&document) {
        let found = operations.iter().find(|o| o.method == method && o.template == template);
        let operation = found.unwrap();
        let answer = send(&app, operation, operation.bodies[0].as_ref()).await;
        seen.push((operation.id.clone(), answer.body));
    }
    assert_eq!(seen.len(), 8);
    let body = |id: &str| &seen.iter().find(|(seen, _)| seen == id).unwrap().1;
    assert_eq!(body("create_agent")["presence"], "offline");
    assert_eq!(body("set_agent_state")["presence"], "ready");
    assert_eq!(body("create_contact")["state"], "queued");
    assert_eq!(body("get_contact")["state"], "assigned");
    assert_eq!(body("explain_contact")["decision"]["agent"], "ada");
    assert_eq!(body("complete_contact")["state"], "completed");
    assert_eq!(body("get_stats")["counters"]["contacts_completed"], 1);
    assert!(body("list_events")["items"].as_array().unwrap().len() >= 4);
}

#[tokio::test]
async fn every_example_of_every_operation_succeeds() {
    let document = document();
    let operations = operations(&document);
    for order in ORDERS {
        let app = TestApp::start().await;
        for id in order {
            let operation = operations.iter().find(|operation| operation.id == *id).unwrap();
            for body in &operation.bodies {
                send(&app, operation, body.as_ref()).await;
            }
        }
    }
    let first = first_steps(&document);
    let sent = |o: &Operation| {
        ORDERS.iter().any(|order| order.contains(&o.id.as_str()))
            || first.iter().any(|(method, path)| o.method == *method && o.template == *path)
    };
    let missed: BTreeSet<&str> =
        operations.iter().filter(|o| !sent(o)).map(|o| o.id.as_str()).collect();
    assert!(missed.is_empty(), "no order sends {missed:?}");
}
