//! A client as it should be: it repeats what may be repeated, and goes to the next API when one
//! does not answer.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};

use super::{Acd, Patience};

/// Longer than an API takes for any request, by its own time-outs.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Where the APIs are, and whether they may be asked; clones see the same.
#[derive(Clone, Default)]
pub(super) struct Endpoints(Arc<Mutex<Vec<(String, bool)>>>);

impl Endpoints {
    pub(super) fn set(&self, number: usize, address: &str) {
        let mut all = self.0.lock().unwrap();
        let endpoint = (address.to_owned(), true);
        match all.get_mut(number) {
            Some(known) => *known = endpoint,
            None => all.push(endpoint),
        }
    }

    /// From now on nobody asks this one.
    pub(super) fn take_out(&self, number: usize) {
        self.0.lock().unwrap()[number].1 = false;
    }

    /// The first that may be asked from `number` on.
    fn nth(&self, number: usize) -> String {
        let all = self.0.lock().unwrap();
        let mut from_there = all.iter().cycle().skip(number % all.len()).take(all.len());
        let (address, _) = from_there.find(|(_, in_use)| *in_use).expect("an API");
        address.clone()
    }
}

/// A request.
#[derive(Clone, Debug)]
pub struct Ask {
    method: Method,
    path: String,
    body: Option<Value>,
    key: Option<String>,
}

impl Ask {
    /// GET.
    pub fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    /// POST.
    pub fn post(path: &str) -> Self {
        Self::new(Method::POST, path)
    }

    /// PUT.
    pub fn put(path: &str) -> Self {
        Self::new(Method::PUT, path)
    }

    /// `path` is within the center, or absolute.
    pub fn new(method: Method, path: &str) -> Self {
        let path = path.to_owned();
        Self { method, path, body: None, key: None }
    }

    /// With a JSON body.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// With an `Idempotency-Key`.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; a string when it is none.
    pub body: Value,
}

impl Answer {
    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// A header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Talks to the APIs about one center.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    endpoints: Endpoints,
    center: String,
    current: Arc<AtomicUsize>,
    repeats: Arc<AtomicUsize>,
}

impl Client {
    pub(super) fn new(endpoints: Endpoints, center: &str) -> Self {
        Self {
            http: http(),
            endpoints,
            center: center.to_owned(),
            current: Arc::default(),
            repeats: Arc::default(),
        }
    }

    /// A client of this process only.
    pub fn to(process: &Acd) -> Self {
        let only = Endpoints::default();
        only.set(0, process.address());
        Self::new(only, "main")
    }

    /// How many requests had to be sent again, by this client and its clones.
    pub fn repeats(&self) -> usize {
        self.repeats.load(Relaxed)
    }

    /// Sends a request once.
    pub async fn once(&self, ask: Ask) -> reqwest::Result<Answer> {
        self.send(self.current.load(Relaxed), ask).await
    }

    /// Sends a request that may be repeated until it is answered with less than 500.
    pub async fn call(&self, ask: Ask) -> Answer {
        let patience = Patience::new();
        loop {
            let current = self.current.load(Relaxed);
            let failure = match self.send(current, ask.clone()).await {
                Ok(answer) if answer.status < 500 => return answer,
                Ok(answer) => answer.body.to_string(),
                Err(error) => format!("{error:?}"),
            };
            self.repeats.fetch_add(1, Relaxed);
            self.move_on(current);
            patience.wait(&format!("answer to {ask:?}, but {failure}")).await;
        }
    }

    /// To the next API; only the first of many that failed at this one does it.
    fn move_on(&self, from: usize) {
        let next = from.wrapping_add(1);
        let _ = self.current.compare_exchange(from, next, Relaxed, Relaxed);
    }

    async fn send(&self, api: usize, ask: Ask) -> reqwest::Result<Answer> {
        let base = self.endpoints.nth(api);
        let url = if ask.path.starts_with('/') {
            format!("{base}{}", ask.path)
        } else {
            format!("{base}/v1/centers/{}/{}", self.center, ask.path)
        };
        let mut request = self.http.request(ask.method, url);
        if let Some(body) = &ask.body {
            request = request.json(body);
        }
        if let Some(key) = &ask.key {
            request = request.header("idempotency-key", key);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, headers, body })
    }

    /// Opens a stream of the events that came after one; at the next API when this fails.
    pub async fn stream(&self, after: &str) -> reqwest::Result<reqwest::Response> {
        let api = self.current.load(Relaxed);
        let base = self.endpoints.nth(api);
        let request = self.http.get(format!("{base}/v1/centers/{}/events", self.center));
        let request = request.header("accept", "text/event-stream");
        let response = request.header("last-event-id", after).send().await;
        let response = response.and_then(reqwest::Response::error_for_status);
        if response.is_err() {
            self.move_on(api);
        }
        response
    }

    /// Creates a contact, or finds it there.
    pub async fn create_contact(&self, id: &str, skills: &[&str]) -> Value {
        let ask = Ask::post("contacts").body(json!({ "id": id, "skills": skills }));
        let answer = self.call(ask).await;
        assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
        answer.body
    }

    /// Creates agents and makes them ready.
    pub async fn ready_agents(&self, agents: &[(&str, &[&str])]) {
        for (id, skills) in agents {
            let ask = Ask::post("agents").body(json!({ "id": id, "skills": skills }));
            let answer = self.call(ask).await;
            assert!(matches!(answer.status, 200 | 201), "{}", answer.body);
            self.set_presence(id, json!({ "presence": "ready" })).await;
        }
    }

    /// Sets an agent's presence; gives the agent.
    pub async fn set_presence(&self, agent: &str, presence: Value) -> Value {
        let ask = Ask::put(&format!("agents/{agent}/state")).body(presence);
        self.call(ask).await.expect(200)
    }

    /// What GET answers with 200.
    pub async fn get(&self, path: &str) -> Value {
        self.call(Ask::get(path)).await.expect(200)
    }

    /// Waits until the contact is in this state.
    pub async fn contact_in(&self, state: &str, id: &str) -> Value {
        let path = format!("contacts/{id}");
        let patience = Patience::new();
        loop {
            let contact = self.get(&path).await;
            if contact["state"] == state {
                return contact;
            }
            patience.wait(&format!("{id} {state}, but {contact}")).await;
        }
    }

    /// Completes an assigned contact.
    pub async fn complete(&self, id: &str) -> Value {
        let ask = Ask::post(&format!("contacts/{id}/complete"));
        self.call(ask).await.expect(200)
    }

    /// Every item of a list, part by part.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{sign}limit=500{cursor}")).await;
            items.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// The whole event log.
    pub async fn events(&self) -> Vec<Value> {
        let mut events = Vec::new();
        let mut after = "0".to_owned();
        loop {
            let page = self.get(&format!("events?limit=500&after={after}")).await;
            let items = page["items"].as_array().expect("items");
            if items.is_empty() {
                return events;
            }
            events.extend(items.iter().cloned());
            page["next"].as_str().expect("an event id").clone_into(&mut after);
        }
    }
}

pub(super) fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build().expect("a client")
}
