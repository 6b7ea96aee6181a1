//! A client that follows the event log, from one API to the next.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::task::JoinSet;

use crate::harness::{Client, poll};

/// Reads server-sent events, and goes on after the last one when a stream breaks off.
pub(crate) struct Follower {
    seen: Arc<Mutex<Vec<Value>>>,
    /// Ends the reader with us.
    _reader: JoinSet<()>,
}

impl Follower {
    /// Begins with the first event that there is.
    pub(crate) fn start(client: &Client) -> Self {
        let seen = Arc::default();
        let mut reader = JoinSet::new();
        reader.spawn(read(client.clone(), Arc::clone(&seen)));
        Self { seen, _reader: reader }
    }

    /// Waits until so many events were seen, and gives them.
    pub(crate) async fn events(&self, count: usize) -> Vec<Value> {
        poll(&format!("{count} events"), async || {
            let seen = self.seen.lock().unwrap();
            (seen.len() >= count).then(|| seen.clone())
        })
        .await
    }
}

async fn read(client: Client, seen: Arc<Mutex<Vec<Value>>>) {
    let mut last = "0".to_owned();
    loop {
        let Ok(mut stream) = client.stream(&last).await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let mut text = String::new();
        while let Ok(Some(chunk)) = stream.chunk().await {
            text.push_str(&String::from_utf8_lossy(&chunk));
            while let Some((block, rest)) = text.split_once("\n\n") {
                if let Some(event) = event(block) {
                    event["id"].as_str().unwrap().clone_into(&mut last);
                    seen.lock().unwrap().push(event);
                }
                text = rest.to_owned();
            }
        }
    }
}

/// The event of a block of lines; none in one that is only a comment.
fn event(block: &str) -> Option<Value> {
    let field = |name| block.lines().find_map(|line| line.strip_prefix(name));
    let event: Value = serde_json::from_str(field("data: ")?).unwrap();
    assert_eq!(field("id: "), event["id"].as_str());
    assert_eq!(field("event: "), event["type"].as_str());
    Some(event)
}
