//! A dispatcher on a Redis of the test's own.

use std::sync::Once;

use acd_core::{
    agent::{NewAgent, Presence, PresenceChange},
    center::CenterSettings,
    contact::{ContactState, NewContact},
    ids::CenterId,
};
use acd_process::{lifecycle::Lifecycle, telemetry};
use acd_store::{RedisArgs, Store};
use acd_testing::{PATIENCE, RedisServer, poll, skills};
use clap::Parser;
use tokio::{net::TcpListener, task::JoinHandle};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    dispatcher: acd_dispatcher::Args,
}

/// A dispatcher in this process, and a store to give it work.
pub(crate) struct Dispatcher {
    pub(crate) store: Store,
    lifecycle: Lifecycle,
    running: JoinHandle<anyhow::Result<()>>,
    base: String,
}

impl Dispatcher {
    pub(crate) async fn start(redis: &RedisServer) -> Self {
        // One recorder serves the whole process, and tests that start at once would race for it.
        static RECORDER: Once = Once::new();
        RECORDER.call_once(|| drop(telemetry::metrics(&Lifecycle::new()).unwrap()));
        let lifecycle = Lifecycle::new();
        let store = Store::connect(&RedisArgs::at(&redis.url()), &lifecycle).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let args = Cli::parse_from(["dispatcher"]).dispatcher;
        let (life, its_store) = (lifecycle.clone(), store.clone());
        let running = lifecycle.spawn(async move {
            acd_dispatcher::serve(Some(listener), args, its_store, &life).await
        });
        let this = Self { store, lifecycle, running, base };
        this.create_center().await;
        this
    }

    /// True when it ended without complaint and left no task behind.
    pub(crate) async fn stop(self) -> bool {
        self.lifecycle.stop();
        self.running.await.unwrap().unwrap();
        self.lifecycle.finished(PATIENCE).await
    }

    pub(crate) async fn create_center(&self) {
        let settings = CenterSettings::default();
        self.store.put_center(&CenterId::main(), &settings).await.unwrap();
    }

    pub(crate) async fn ready_agent(&self, id: &str) {
        let agent = NewAgent {
            id: id.parse().unwrap(),
            first_name: String::new(),
            last_name: String::new(),
            skills: skills(&["english"]),
            attributes: None,
            presence: Presence::Offline,
        };
        let center = CenterId::main();
        self.store.create_agent(&center, &agent).await.unwrap();
        self.store.set_presence(&center, &agent.id, &PresenceChange::READY).await.unwrap();
    }

    pub(crate) async fn contact(&self, id: &str) {
        let id = id.parse().unwrap();
        let contact =
            NewContact { id, skills: skills(&["english"]), priority: 0, attributes: None };
        self.store.create_contact(&CenterId::main(), &contact).await.unwrap();
    }

    /// Waits until the contact is with an agent.
    pub(crate) async fn assigned(&self, id: &str) {
        poll("assignment", async || {
            let contact =
                self.store.read_contact(&CenterId::main(), &id.parse().unwrap()).await.ok()?;
            (contact.state == ContactState::Assigned).then_some(())
        })
        .await;
    }

    pub(crate) async fn http_status(&self, path: &str) -> u16 {
        self.http(path).await.status().as_u16()
    }

    pub(crate) async fn http_text(&self, path: &str) -> String {
        self.http(path).await.text().await.unwrap()
    }

    async fn http(&self, path: &str) -> reqwest::Response {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.get(format!("{}/{path}", self.base)).send().await.unwrap()
    }
}
