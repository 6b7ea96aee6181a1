//! What clients sent, in both forms of documents.

use acd_core::agent::{AgentChange, NewAgent, Presence};
use acd_store::DocumentsChoice;
use acd_testing::{RedisServer, document_type};
use serde_json::value::RawValue;

use crate::harness::{Harness, skills};

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

/// Attributes come back to the letter, and new ones take the place of the old.
async fn attributes(choice: DocumentsChoice, kept_as: &str) {
    let h = Harness::keeping(choice, RedisServer::start().await.unwrap()).await;
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
    let keys = h.server.cli(&["KEYS", "acd:*:agent:a"]).unwrap();
    assert_eq!(h.server.cli(&["TYPE", &keys]).unwrap(), kept_as, "{keys}");
}

#[tokio::test]
async fn attributes_are_kept_to_the_letter() {
    attributes(DocumentsChoice::Auto, document_type()).await;
}

#[tokio::test]
async fn attributes_are_kept_to_the_letter_in_hashes() {
    attributes(DocumentsChoice::Hash, "hash").await;
}
