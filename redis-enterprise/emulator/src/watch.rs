//! Asks the sentinels who is primary of what, and the primaries whether they answer.

pub(crate) mod reach;

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
    settings::SENTINEL_PORT,
    view::{CCS, Report, View, Watched},
};

const ASK_EVERY: Duration = Duration::from_millis(150);
const LIMIT: Duration = Duration::from_millis(500);

/// Asks the sentinels of all nodes for as long as the node runs.
pub(crate) async fn follow(app: Arc<App>, me: Arc<Identity>) {
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
                let moved = view.has_moved_since(&app.view());
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
    View::of(&reports, me.nodes.len() / 2 + 1, &View::default()).last_primaries()
}
