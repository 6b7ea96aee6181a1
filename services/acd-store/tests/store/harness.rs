//! A store on a Redis of its own, with one method per call.

use acd_core::{
    agent::{Agent, NewAgent, Presence, PresenceChange},
    center::CenterSettings,
    consistency::Consistency,
    contact::{Contact, EndContact, NewContact},
    ids::{AgentId, CenterId, ContactId},
};
use acd_process::lifecycle::Lifecycle;
use acd_store::{Assignment, DocumentsChoice, RedisArgs, Store};
use acd_testing::RedisServer;
pub(crate) use acd_testing::skills;

pub(crate) struct Harness {
    pub(crate) store: Store,
    pub(crate) center: CenterId,
    pub(crate) server: RedisServer,
    _lifecycle: Lifecycle,
}

impl Harness {
    pub(crate) async fn start() -> Self {
        Self::on(RedisServer::start().await.unwrap()).await
    }

    pub(crate) async fn on(server: RedisServer) -> Self {
        Self::keeping(DocumentsChoice::Auto, server).await
    }

    /// A store that keeps its documents in a given form.
    pub(crate) async fn keeping(documents: DocumentsChoice, server: RedisServer) -> Self {
        let lifecycle = Lifecycle::new();
        let args = RedisArgs { documents, ..RedisArgs::at(&server.url()) };
        let store = Store::connect(&args, &lifecycle).await.unwrap();
        let center = CenterId::main();
        store.put_center(&center, &CenterSettings::default()).await.unwrap();
        Self { store, center, server, _lifecycle: lifecycle }
    }

    /// The same with Redis's clock standing at `ms`.
    pub(crate) fn at(&self, ms: i64) -> At<'_> {
        At { store: self.store.at_time(ms), harness: self }
    }

    pub(crate) async fn agent(&self, id: &str) -> Agent {
        self.store.read_agent(&self.center, &id.parse().unwrap()).await.unwrap()
    }

    pub(crate) async fn contact(&self, id: &str) -> Contact {
        self.store.read_contact(&self.center, &id.parse().unwrap()).await.unwrap()
    }

    pub(crate) async fn consistent(&self) -> Consistency {
        let report = self.store.consistency(&self.center).await.unwrap();
        assert!(report.consistent, "{:#?}", report.violations);
        report
    }
}

/// Calls at a given instant.
pub(crate) struct At<'a> {
    pub(crate) store: Store,
    harness: &'a Harness,
}

impl At<'_> {
    fn center(&self) -> &CenterId {
        &self.harness.center
    }

    /// Creates an agent and makes it ready.
    pub(crate) async fn ready(&self, id: &str, list: &[&str]) -> Agent {
        self.create(id, list).await;
        self.presence(id, PresenceChange::READY).await
    }

    pub(crate) async fn create(&self, id: &str, list: &[&str]) -> Agent {
        let new = NewAgent {
            id: id.parse().unwrap(),
            first_name: "Ada".into(),
            last_name: "Lovelace".into(),
            skills: skills(list),
            attributes: None,
            presence: Presence::Offline,
        };
        self.store.create_agent(self.center(), &new).await.unwrap().value
    }

    pub(crate) async fn presence(&self, id: &str, change: PresenceChange) -> Agent {
        let id: AgentId = id.parse().unwrap();
        self.store.set_presence(self.center(), &id, &change).await.unwrap()
    }

    pub(crate) async fn queue(&self, id: &str, list: &[&str], priority: i32) -> Contact {
        let new = NewContact {
            id: id.parse().unwrap(),
            skills: skills(list),
            priority,
            attributes: None,
        };
        self.store.create_contact(self.center(), &new).await.unwrap().value
    }

    pub(crate) async fn end(&self, id: &str, how: EndContact) -> Contact {
        let id: ContactId = id.parse().unwrap();
        self.store.end_contact(self.center(), &id, how).await.unwrap()
    }

    /// Dispatches until nothing is left; returns `contact>agent` in order.
    pub(crate) async fn dispatch(&self) -> Vec<String> {
        let partition = self.store.partition_of(self.center());
        let mut made: Vec<Assignment> = Vec::new();
        loop {
            let step = self.store.dispatch(partition, 100).await.unwrap();
            made.extend(step.assignments);
            if !step.more {
                return made.iter().map(|a| format!("{}>{}", a.contact, a.agent)).collect();
            }
        }
    }
}
