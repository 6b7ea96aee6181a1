//! What clients gave us, in both forms of documents.

use acd_core::agent::{AgentChange, NewAgent, Presence};
use acd_testing::{RedisServer, redis_json_module};
use serde_json::value::RawValue;

use crate::harness::{Harness, skills};

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

/// Attributes come back to the letter, and new ones take the place of the old.
async fn attributes(arguments: &[&str]) {
    let h = Harness::on(RedisServer::start_with(arguments).await.unwrap()).await;
    let id = "a".parse().unwrap();
    for text in [r#"{ "n": 1.50, "list": [], "s": "q\"\\\/ü" , "old": null}"#, r#"{"new":1}"#, "{}"]
    {
        let new = NewAgent {
            id: "a".parse().unwrap(),
            first_name: "Ada \"L\" \\".into(),
            last_name: String::new(),
            skills: skills(&["x"]),
            attributes: Some(raw(text)),
            presence: Presence::Offline,
        };
        let stored = h.store.create_agent(&h.center, &new).await.unwrap();
        if !stored.created {
            let change = AgentChange { attributes: Some(raw(text)), ..AgentChange::default() };
            h.store.update_agent(&h.center, &id, &change).await.unwrap();
        }
        let agent = h.agent("a").await;
        assert_eq!(agent.attributes.unwrap().get(), text);
        assert_eq!(agent.first_name, "Ada \"L\" \\");
    }
}

#[tokio::test]
async fn attributes_are_kept_to_the_letter_in_hashes() {
    attributes(&[]).await;
}

#[tokio::test]
async fn attributes_are_kept_to_the_letter_in_redis_json() {
    if let Some(arguments) = redis_json_module().await {
        attributes(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
}
