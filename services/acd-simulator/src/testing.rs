//! Events, and a server that says what it was told to say, one answer a connection.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use acd_core::event::{
    ContactAbandoned, ContactAssigned, ContactCanceled, ContactCompleted, ContactQueued,
    ContactRejected, ContactRequeued, Event, Payload,
};
use acd_core::{contact::RejectionReason, time::Timestamp};
use acd_process::lifecycle::Lifecycle;
use acd_testing::skills;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::api::Api;

/// The server; stops listening when it has said everything.
pub(crate) struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

/// Serves `answers`, each to one connection; an empty one breaks the connection off.
pub(crate) async fn serve(answers: Vec<String>, lifecycle: &Lifecycle) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&requests);
    lifecycle.spawn(async move {
        for answer in answers {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !is_whole(&request) {
                assert_ne!(connection.read_buf(&mut request).await.unwrap(), 0, "no request");
            }
            seen.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
            connection.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    Server { url, requests }
}

/// True when both head and body of a request are there: closing before would reset the connection.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |n| n.parse().unwrap())
}

/// A whole answer; `head` is a status and headers, a line each.
pub(crate) fn answer(head: &str, body: &str) -> String {
    let head = head.replace('\n', "\r\n");
    let length = body.len();
    format!("HTTP/1.1 {head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
}

impl Server {
    /// An API of center `main` at this server.
    pub(crate) fn api(&self, retry_for: Duration) -> Arc<Api> {
        let center = acd_core::ids::CenterId::main();
        let url = self.url.parse().unwrap();
        Arc::new(Api::new(&url, center, retry_for, Lifecycle::new().token()).unwrap())
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// The event that `text` names: a kind, a contact, an agent or a skill of a queued contact, such as
/// `assigned c-1 ann`. A queued contact needs `en` when no skill is named.
pub(crate) fn event(id: &str, text: &str) -> Event {
    let mut words = text.split(' ');
    let kind = words.next().unwrap();
    let contact = words.next().unwrap().parse().unwrap();
    let third = words.next();
    let agent = || third.unwrap().parse().unwrap();
    let at = Timestamp::from_ms(1_767_225_600_000);
    let wait_ms = 4;
    let payload: Payload = match kind {
        "queued" => {
            let skills = skills(&[third.unwrap_or("en")]);
            ContactQueued { contact, priority: 0, skills }.into()
        }
        "rejected" => ContactRejected { contact, reason: RejectionReason::QueueFull }.into(),
        "assigned" => {
            let agent = agent();
            ContactAssigned { agent, candidates: 1, contact, idle_since: at, wait_ms }.into()
        }
        "requeued" => ContactRequeued { agent: agent(), contact }.into(),
        "completed" => ContactCompleted { agent: agent(), contact, handle_ms: 9 }.into(),
        "abandoned" => ContactAbandoned { contact, wait_ms }.into(),
        "canceled" => ContactCanceled { agent: Some(agent()), contact, wait_ms: None }.into(),
        other => panic!("{other} is no kind of event"),
    };
    Event { id: id.parse().unwrap(), at, payload, other: serde_json::Map::new() }
}
