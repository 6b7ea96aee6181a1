//! The configuration store: reading what all nodes agree on, and changing it on the primary.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, ensure};
use axum::http::StatusCode;
use tokio::{sync::watch, time::sleep};

use crate::{
    cluster::Cluster,
    identity::Identity,
    refused::Refused,
    resp::{Client, Value},
    settings::CCS_PORT,
    view::{CCS, View},
};

const DOCUMENT: &str = "cluster";
const VERSION: &str = "version";
const LIMIT: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(150);

/// Changes the document unless somebody else did meanwhile.
const REPLACE: &str = "if (redis.call('GET', KEYS[2]) or '0') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], ARGV[3])
return 1";

/// What is known of the configuration here.
#[derive(Debug)]
pub(crate) struct Store {
    known: watch::Sender<Arc<Cluster>>,
    changing: tokio::sync::Mutex<()>,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self { known: watch::Sender::new(Arc::default()), changing: tokio::sync::Mutex::default() }
    }

    /// The configuration as last seen; its version is 0 when it never was.
    pub(crate) fn cluster(&self) -> Arc<Cluster> {
        self.known.borrow().clone()
    }

    /// Tells of changes.
    pub(crate) fn changes(&self) -> watch::Receiver<Arc<Cluster>> {
        self.known.subscribe()
    }

    /// Writes the first version into an empty store.
    pub(crate) async fn begin(&self, me: &Identity, cluster: Cluster) -> anyhow::Result<()> {
        let mut client = connect(me.address, &me.secret).await?;
        replace(&mut client, 0, &cluster).await?;
        self.known.send_replace(Arc::new(cluster));
        Ok(())
    }

    /// Makes a change. Only on the cluster's primary, so changes don't meet.
    pub(crate) async fn change<T>(
        &self,
        me: &Identity,
        view: &View,
        change: impl FnOnce(&mut Cluster) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        if view.primary(CCS).map(|primary| primary.at.ip()) != Some(me.address) {
            return Err(not_primary());
        }
        let _changing = self.changing.lock().await;
        let mut client = connect(me.address, &me.secret).await?;
        let mut cluster = read(&mut client).await?.ok_or_else(not_primary)?;
        let seen = cluster.version;
        let done = change(&mut cluster)?;
        cluster.version += 1;
        replace(&mut client, seen, &cluster).await?;
        // A majority has it before anybody is told.
        let others = cluster.quorum() - 1;
        let waited = client.ask(&["WAIT", &others.to_string(), "1000"]).await?;
        if waited != Value::Int(0) || others == 0 {
            tracing::debug!(version = cluster.version, "configuration changed");
        } else {
            tracing::warn!(version = cluster.version, "no replica has the change yet");
        }
        self.known.send_replace(Arc::new(cluster));
        Ok(done)
    }

    /// Follows what the store of this node says.
    pub(crate) async fn follow(&self, me: &Identity) {
        loop {
            if let Err(error) = self.follow_one(me).await {
                tracing::debug!(error = format!("{error:#}"), "the store does not answer");
            }
            sleep(LOOK_EVERY).await;
        }
    }

    async fn follow_one(&self, me: &Identity) -> anyhow::Result<()> {
        let mut client = connect(me.address, &me.secret).await?;
        loop {
            let known = self.known.borrow().version;
            let version = client.ask(&["GET", VERSION]).await?.text().unwrap_or_default();
            let version = version.parse::<u64>().unwrap_or(0);
            // Never back: after a failover a store may be behind for a moment.
            if version > known
                && let Some(cluster) = read(&mut client).await?
            {
                tracing::debug!(version, "new configuration");
                self.known.send_replace(Arc::new(cluster));
            }
            sleep(LOOK_EVERY).await;
        }
    }
}

pub(crate) fn not_primary() -> Refused {
    let sentence = "this node is not the cluster's primary, or there is no quorum";
    Refused::new(StatusCode::SERVICE_UNAVAILABLE, "no_quorum", sentence)
}

async fn connect(address: IpAddr, secret: &str) -> anyhow::Result<Client> {
    let at = SocketAddr::new(address, CCS_PORT);
    Client::connect(at, secret, LIMIT).await.context("reach the configuration store")
}

async fn read(client: &mut Client) -> anyhow::Result<Option<Cluster>> {
    let document = client.ask(&["GET", DOCUMENT]).await?.text();
    document.map(|text| serde_json::from_str(&text).context("read the configuration")).transpose()
}

async fn replace(client: &mut Client, seen: u64, cluster: &Cluster) -> anyhow::Result<()> {
    let document = serde_json::to_string(cluster)?;
    let (seen, version) = (seen.to_string(), cluster.version.to_string());
    let call = ["EVAL", REPLACE, "2", DOCUMENT, VERSION, &seen, &document, &version];
    ensure!(client.ask(&call).await? == Value::Int(1), "the configuration was changed meanwhile");
    Ok(())
}
