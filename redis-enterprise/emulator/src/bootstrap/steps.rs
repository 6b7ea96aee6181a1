//! The steps of a bootstrap, each with a limit.

use std::{
    collections::BTreeMap,
    fs,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::StatusCode;
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::{JoinAnswer, JoinQuestion, progress::Failure, request::Checked};
use crate::{
    app::App,
    cluster::{Cluster, Module, Node, Role, User},
    crypto,
    identity::Identity,
    layout::{ccs_dir, sentinel_dir, shards_dir},
    member::{start_loops, write_ccs},
    processes::{is_ready, sentinel_config},
    resp::Client,
    settings::CCS_PORT,
    view::CCS,
};

const STEP_LIMIT: Duration = Duration::from_secs(60);

pub(super) async fn run(app: &Arc<App>, request: &Checked) -> Result<(), Failure> {
    let settings = &app.settings;
    // What an attempt that failed left behind; a member's data is never here.
    for dir in [ccs_dir(settings), sentinel_dir(settings), shards_dir(settings)] {
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => fs::create_dir_all(&dir)?,
        }
    }
    let me = if request.join.is_empty() {
        create(app, request).await?
    } else {
        join(app, request).await?
    };
    me.save(settings)?;
    app.identity.send_replace(Some(me));
    Ok(())
}

async fn create(app: &Arc<App>, request: &Checked) -> Result<Arc<Identity>, Failure> {
    let me = Arc::new(Identity {
        cluster: request.name.clone(),
        uid: 1,
        address: request.address,
        secret: crypto::random_hex(24),
        nodes: BTreeMap::from([(1, request.address)]),
    });
    app.processes.start("ccs", &write_ccs(app, &me, None)?, false);
    let store = SocketAddr::new(me.address, CCS_PORT);
    wait("the configuration store", || is_ready(store, &me.secret, false)).await?;
    let node = Node::here(&app.settings, me.address);
    let roles = vec![Role::ADMIN];
    let admin = User::new(&request.username, "Administrator", roles, &request.password);
    let mut cluster = Cluster::new(&request.name, node, admin, app.settings.trial_days);
    cluster.modules = modules_of(store, &me.secret).await?;
    app.store.begin(&me, cluster).await?;
    finish(app, &me, me.address, 1).await?;
    Ok(me)
}

async fn join(app: &Arc<App>, request: &Checked) -> Result<Arc<Identity>, Failure> {
    let answer = ask(app, request).await?;
    let me = Arc::new(Identity {
        cluster: answer.cluster,
        uid: answer.uid,
        address: request.address,
        secret: answer.secret,
        nodes: answer.nodes,
    });
    app.processes.start("ccs", &write_ccs(app, &me, Some(answer.primary))?, false);
    let store = SocketAddr::new(me.address, CCS_PORT);
    wait("the copy of the configuration", || is_ready(store, &me.secret, true)).await?;
    let modules = modules_of(store, &me.secret).await?;
    if modules != answer.modules {
        let names = |modules: &[Module]| {
            let names: Vec<_> =
                modules.iter().map(|m| format!("{} {}", m.name, m.version)).collect();
            if names.is_empty() { "no modules".to_owned() } else { names.join(", ") }
        };
        let (here, there) = (names(&modules), names(&answer.modules));
        let message = format!(
            "this node has {here} and the cluster has {there}: give all nodes the same RE_REDISJSON"
        );
        return Err(Failure::new("node_config_mismatch", message));
    }
    finish(app, &me, answer.primary, me.nodes.len() / 2 + 1).await?;
    let joined = || async { app.store.cluster().nodes.get(&me.uid).is_some_and(|n| n.joined) };
    wait("the cluster's consent", joined).await?;
    Ok(me)
}

/// Starts the sentinel and everything else, and waits until the sentinels know us.
async fn finish(
    app: &Arc<App>,
    me: &Arc<Identity>,
    primary: IpAddr,
    quorum: usize,
) -> Result<(), Failure> {
    let dir = sentinel_dir(&app.settings);
    let log = app.settings.log.join("sentinel.log");
    let store = SocketAddr::new(primary, CCS_PORT);
    let path = dir.join("sentinel.conf");
    fs::write(&path, sentinel_config(me.address, &me.secret, &dir, &log, store, quorum))?;
    app.processes.start("sentinel", &path, true);
    start_loops(app, me);
    wait("the sentinels", || async { app.view().primary(CCS).is_some() }).await
}

/// Asks a node of the cluster to be let in.
async fn ask(app: &App, request: &Checked) -> Result<JoinAnswer, Failure> {
    let mut last = Failure::new("connect_error", "no node to ask");
    let clock = jiff::Timestamp::now().as_second();
    let node = Node::here(&app.settings, request.address);
    let question = JoinQuestion { node, clock };
    for address in &request.join {
        match ask_one(app, request, &question, *address).await {
            Ok(answer) => return Ok(answer),
            Err(failure) => last = failure,
        }
    }
    Err(last)
}

async fn ask_one(
    app: &App,
    request: &Checked,
    question: &JoinQuestion,
    address: IpAddr,
) -> Result<JoinAnswer, Failure> {
    #[derive(Deserialize)]
    struct Refusal {
        error_code: String,
        description: String,
    }
    let mut address = address;
    // The first may not be the primary and name another.
    for _ in 0..3 {
        let asked = app
            .http
            .post(format!("https://{address}:9443/v1/emulator/join"))
            .basic_auth(&request.username, Some(&request.password))
            .json(question)
            .send()
            .await;
        let unreachable = |error: reqwest::Error| {
            Failure::new("connect_error", format!("node {address} can't be reached: {error}"))
        };
        let response = asked.map_err(unreachable)?;
        let status = response.status();
        if status == StatusCode::TEMPORARY_REDIRECT {
            let location = response.headers().get("location").and_then(|to| to.to_str().ok());
            let host = location.and_then(|to| to.strip_prefix("https://")?.split(':').next());
            let Some(next) = host.and_then(|host| host.parse().ok()) else { break };
            address = next;
            continue;
        }
        if status.is_success() {
            return response.json().await.map_err(unreachable);
        }
        if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN {
            let message = format!("node {address} does not know this user and password");
            return Err(Failure::new("access_denied", message));
        }
        let refusal: Refusal = response.json().await.map_err(unreachable)?;
        let known = ["time_not_sync", "repair_required"].contains(&refusal.error_code.as_str());
        let code = if known { &refusal.error_code } else { "connect_error" };
        return Err(Failure::new(code, refusal.description));
    }
    Err(Failure::new("connect_error", "the cluster has no primary"))
}

/// The modules that the configuration store's server has loaded, as every shard of the node will.
async fn modules_of(store: SocketAddr, secret: &str) -> anyhow::Result<Vec<Module>> {
    let mut client = Client::connect(store, secret, STEP_LIMIT).await?;
    Ok(Module::read(&client.ask(&["MODULE", "LIST"]).await?))
}

/// Waits until something is so, with a limit.
async fn wait<F: Future<Output = bool>>(
    what: &str,
    mut is_so: impl FnMut() -> F,
) -> Result<(), Failure> {
    let began = Instant::now();
    while !is_so().await {
        if began.elapsed() > STEP_LIMIT {
            let message = format!("{what} did not come within {STEP_LIMIT:?}");
            return Err(Failure::new("internal_error", message));
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
