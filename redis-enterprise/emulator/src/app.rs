//! What all parts of a node share.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context;
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    bootstrap::progress::Bootstrap,
    cluster::Cluster,
    crypto,
    faults::Faults,
    identity::{Identity, write_private},
    processes::Processes,
    reach::Reach,
    refused::Refused,
    settings::Settings,
    store::{Store, not_primary},
    view::View,
};

/// The node.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) settings: Settings,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    /// Ends what a member of a cluster does, when a bootstrap fails half way.
    member: Mutex<CancellationToken>,
    pub(crate) processes: Processes,
    pub(crate) store: Store,
    pub(crate) bootstrap: Bootstrap,
    /// Who we are, once in a cluster.
    pub(crate) identity: watch::Sender<Option<Arc<Identity>>>,
    /// Why this node can't be used, if so.
    pub(crate) broken: OnceLock<String>,
    /// What the sentinels say.
    pub(crate) view: watch::Sender<Arc<View>>,
    /// Which primaries answer.
    pub(crate) reach: Reach,
    /// What goes wrong here on purpose.
    pub(crate) faults: Faults,
    /// Changes whenever a primary is another one.
    pub(crate) moves: watch::Sender<()>,
    /// Asks other nodes.
    pub(crate) http: reqwest::Client,
    /// What `rladmin` on this node proves itself with.
    pub(crate) token: String,
    started: AtomicBool,
    /// Databases whose port is open here.
    listening: Mutex<BTreeSet<u32>>,
}

impl App {
    /// A node that has not looked at anything yet.
    pub(crate) fn new(settings: Settings) -> anyhow::Result<Arc<Self>> {
        let http = reqwest::Client::builder()
            // Every node signs its own certificate, as those of the real product do.
            .danger_accept_invalid_certs(true)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(std::time::Duration::from_secs(2))
            .timeout(std::time::Duration::from_secs(15))
            .build()
            .context("make the HTTP client")?;
        let token = crypto::random_hex(24);
        let path = token_path(&settings);
        write_private(&path, token.as_bytes())
            .with_context(|| format!("write {}", path.display()))?;
        let stop = CancellationToken::new();
        Ok(Arc::new(Self {
            member: Mutex::new(stop.child_token()),
            stop,
            tasks: TaskTracker::new(),
            processes: Processes::new(settings.redis_server.clone()),
            store: Store::new(),
            bootstrap: Bootstrap::new(),
            identity: watch::Sender::new(None),
            broken: OnceLock::new(),
            view: watch::Sender::new(Arc::default()),
            reach: Reach::default(),
            faults: Faults::load(&settings)?,
            moves: watch::Sender::new(()),
            http,
            token,
            started: AtomicBool::new(false),
            listening: Mutex::default(),
            settings,
        }))
    }

    /// Who we are, if in a cluster.
    pub(crate) fn identity(&self) -> Option<Arc<Identity>> {
        self.identity.borrow().clone()
    }

    /// What the sentinels say.
    pub(crate) fn view(&self) -> Arc<View> {
        self.view.borrow().clone()
    }

    /// Changes the cluster's configuration; only the cluster's primary can.
    pub(crate) async fn change<T>(
        &self,
        change: impl FnOnce(&mut Cluster) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let me = self.identity().ok_or_else(not_primary)?;
        self.store.change(&me, &self.view(), change).await
    }

    /// Runs `task` until it ends or the node stops.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn_until(self.stop.clone(), task);
    }

    /// Runs `task` for as long as the node is in its cluster.
    pub(crate) fn spawn_member(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.member.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.spawn_until(stop, task);
    }

    /// Ends all that was started by `spawn_member`.
    pub(crate) fn leave(&self) {
        let mut member = self.member.lock().unwrap_or_else(PoisonError::into_inner);
        member.cancel();
        *member = self.stop.child_token();
    }

    fn spawn_until(
        &self,
        stop: CancellationToken,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        self.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = task => {}
            }
        });
    }

    /// The node has started.
    pub(crate) fn set_started(&self) {
        self.started.store(true, Ordering::Release);
    }

    /// Whether the node has started.
    pub(crate) fn is_started(&self) -> bool {
        self.started.load(Ordering::Acquire)
    }

    /// Notes that the port of a database is open here, or no longer.
    pub(crate) fn set_listening(&self, bdb: u32, open: bool) {
        let mut listening = self.listening.lock().unwrap_or_else(PoisonError::into_inner);
        if open {
            listening.insert(bdb)
        } else {
            listening.remove(&bdb)
        };
    }

    /// Whether the port of a database is open here.
    pub(crate) fn is_listening(&self, bdb: u32) -> bool {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner).contains(&bdb)
    }

    /// Whether this node is the cluster's primary, as far as is known at this moment.
    pub(crate) fn is_primary(&self) -> bool {
        let here = self.identity().map(|me| me.address);
        here.is_some() && self.view().primary(crate::view::CCS).map(|at| at.at.ip()) == here
    }
}

/// Where `rladmin` finds its token.
pub(crate) fn token_path(settings: &Settings) -> std::path::PathBuf {
    settings.config.join("rladmin.token")
}
