//! Who is primary of what. The sentinels decide; a node believes what a majority of them told it
//! within the last moment (the lease), so one that is cut off knows that it knows nothing.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::bail;
use tokio::time::{Instant, sleep};

use crate::{
    app::App,
    identity::Identity,
    resp::{Client, Command, Value},
    settings::{LEASE, SENTINEL_PORT},
};

/// The group of the configuration store: where its primary is, is the primary of the cluster.
pub(crate) const CCS: &str = "ccs";

const ASK_EVERY: Duration = Duration::from_millis(150);
const LIMIT: Duration = Duration::from_millis(500);

/// What one sentinel said.
#[derive(Clone, Debug)]
struct Report {
    /// When it was asked: what it said was true then or later.
    asked: Instant,
    groups: HashMap<String, Watched>,
}

/// A group as one sentinel sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Watched {
    at: SocketAddr,
    /// Grows with each failover.
    epoch: u64,
    replicas: usize,
}

/// The primary of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Primary {
    pub(crate) at: SocketAddr,
    pub(crate) epoch: u64,
    /// Until when this may be believed.
    pub(crate) until: Instant,
}

impl Primary {
    /// Whether it is the same server, and has been primary all the time.
    pub(crate) fn is_same(self, other: Self) -> bool {
        (self.at, self.epoch) == (other.at, other.epoch)
    }
}

/// What the sentinels say, taken together.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// When each node's sentinel was last heard.
    heard: BTreeMap<u32, Instant>,
    groups: HashMap<String, Primary>,
    /// The fewest replicas that any sentinel sees, by group, if all who were heard know it.
    replicas: HashMap<String, usize>,
    quorum: usize,
}

impl View {
    /// The primary of a group, if a majority is sure of it at this moment.
    pub(crate) fn primary(&self, group: &str) -> Option<Primary> {
        self.groups.get(group).filter(|primary| primary.until > Instant::now()).copied()
    }

    /// The primary that was last known, sure or not.
    pub(crate) fn last_primary(&self, group: &str) -> Option<Primary> {
        self.groups.get(group).copied()
    }

    /// Whether a node answers.
    pub(crate) fn is_up(&self, node: u32) -> bool {
        self.heard.get(&node).is_some_and(|at| at.elapsed() < LEASE * 2)
    }

    /// Whether a majority of nodes answers.
    pub(crate) fn has_quorum(&self) -> bool {
        let up = self.heard.values().filter(|at| at.elapsed() < LEASE * 2).count();
        self.quorum > 0 && up >= self.quorum
    }

    /// The replicas of a group that every sentinel that answers knows of.
    pub(crate) fn replicas(&self, group: &str) -> Option<usize> {
        self.replicas.get(group).copied()
    }

    /// Takes together what the sentinels said.
    fn of(reports: &BTreeMap<u32, Report>, quorum: usize, before: &Self) -> Self {
        let fresh: Vec<&Report> = reports.values().filter(|r| r.asked.elapsed() < LEASE).collect();
        let mut groups = before.groups.clone();
        let mut replicas = HashMap::new();
        for group in fresh.iter().flat_map(|report| report.groups.keys()) {
            let votes = fresh.iter().filter_map(|report| Some((report, report.groups.get(group)?)));
            let votes: Vec<_> = votes.collect();
            if votes.len() == fresh.len() {
                let fewest = votes.iter().map(|(_, watched)| watched.replicas).min();
                replicas.insert(group.clone(), fewest.unwrap_or(0));
            }
            let mut asked: Vec<Instant> = votes.iter().map(|(report, _)| report.asked).collect();
            asked.sort_unstable_by(|a, b| b.cmp(a));
            // Each epoch was voted for by a majority, so the last one counts, whoever tells of it.
            let latest = votes.iter().max_by_key(|(_, watched)| watched.epoch);
            if let (Some((_, watched)), Some(oldest)) = (latest, asked.get(quorum.max(1) - 1)) {
                let until = *oldest + LEASE;
                let primary = Primary { at: watched.at, epoch: watched.epoch, until };
                groups.insert(group.clone(), primary);
            }
        }
        let heard = reports.iter().map(|(node, report)| (*node, report.asked)).collect();
        Self { heard, groups, replicas, quorum }
    }
}

/// Asks the sentinels of all nodes for as long as the node runs.
pub(crate) async fn watch(app: Arc<App>, me: Arc<Identity>) {
    let reports: Arc<Mutex<BTreeMap<u32, Report>>> = Arc::default();
    let mut asked = BTreeMap::new();
    loop {
        for (node, address) in known_nodes(&app, &me) {
            if asked.insert(node, address).is_none() {
                let (app, me) = (Arc::clone(&app), Arc::clone(&me));
                let reports = Arc::clone(&reports);
                let ask = ask_one(Arc::clone(&app), me, node, address, reports);
                app.spawn_member(ask);
            }
        }
        sleep(ASK_EVERY).await;
    }
}

/// The nodes of the cluster: as configured, else as when we last knew.
pub(crate) fn known_nodes(app: &App, me: &Identity) -> BTreeMap<u32, IpAddr> {
    let cluster = app.store.cluster();
    if cluster.nodes.is_empty() {
        return me.nodes.clone();
    }
    cluster.nodes.iter().map(|(uid, node)| (*uid, node.address)).collect()
}

async fn ask_one(
    app: Arc<App>,
    me: Arc<Identity>,
    node: u32,
    address: IpAddr,
    reports: Arc<Mutex<BTreeMap<u32, Report>>>,
) {
    let mut client = None;
    loop {
        match ask(&app, &mut client, &me.secret, address).await {
            Ok(report) => {
                let cluster = app.store.cluster();
                let joined = me.nodes.len();
                let quorum = if cluster.version == 0 { joined / 2 + 1 } else { cluster.quorum() };
                let mut reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
                reports.insert(node, report);
                // Under the lock, so that no older picture replaces a newer one.
                let view = View::of(&reports, quorum, &app.view());
                let moved = view.groups.iter().any(|(group, new)| {
                    app.view().last_primary(group).is_none_or(|old| !old.is_same(*new))
                });
                app.view.send_replace(Arc::new(view));
                if moved {
                    app.moves.send_replace(());
                }
            }
            Err(error) => {
                client = None;
                tracing::trace!(node, error = format!("{error:#}"), "its sentinel does not answer");
            }
        }
        sleep(ASK_EVERY).await;
    }
}

async fn ask(
    app: &App,
    client: &mut Option<Client>,
    secret: &str,
    address: IpAddr,
) -> anyhow::Result<Report> {
    let mut groups: Vec<String> = app.store.cluster().groups().into_keys().collect();
    groups.push(CCS.to_owned());
    report(client, secret, address, &groups).await
}

async fn report(
    client: &mut Option<Client>,
    secret: &str,
    address: IpAddr,
    groups: &[String],
) -> anyhow::Result<Report> {
    let client = match client {
        Some(client) => client,
        none => {
            let at = SocketAddr::new(address, SENTINEL_PORT);
            none.insert(Client::connect(at, secret, LIMIT).await?)
        }
    };
    let asked = Instant::now();
    // At once, so that a sentinel answers all of it in one state of mind.
    let mut commands = vec![Command::new(&["SENTINEL", "MASTERS"])];
    let address_of = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME"];
    let ask_address = |group: &String| Command::new(&[address_of[0], address_of[1], group]);
    commands.extend(groups.iter().map(ask_address));
    let replies = client.calls(&commands).await?;
    let Some((masters, addresses)) = replies.split_first() else { bail!("no reply") };
    let mut report = Report { asked, groups: HashMap::new() };
    for (group, address) in groups.iter().zip(addresses) {
        let named = |master: &&Value| master.field("name").as_ref() == Some(group);
        let master = masters.items().iter().find(named);
        let at = address.items().first().and_then(Value::text).zip(address.items().get(1));
        if let (Some(master), Some((ip, port))) = (master, at) {
            let at = format!("{ip}:{}", port.text().unwrap_or_default()).parse()?;
            let number = |name| master.field(name).and_then(|text| text.parse().ok());
            let epoch = number("config-epoch").unwrap_or(0);
            let replicas = number("num-slaves").and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
            report.groups.insert(group.clone(), Watched { at, epoch, replicas });
        }
    }
    Ok(report)
}

/// Who is primary of a group according to the other nodes: some majority of all must agree.
pub(crate) async fn ask_others(me: &Identity, groups: &[String]) -> HashMap<String, SocketAddr> {
    let others = me.nodes.iter().filter(|(uid, _)| **uid != me.uid);
    let mut reports = BTreeMap::new();
    for (uid, address) in others {
        if let Ok(report) = report(&mut None, &me.secret, *address, groups).await {
            reports.insert(*uid, report);
        }
    }
    let view = View::of(&reports, me.nodes.len() / 2 + 1, &View::default());
    view.groups.into_iter().map(|(group, primary)| (group, primary.at)).collect()
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
