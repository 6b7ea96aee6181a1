//! The life of a node: start slowly, serve, stop fast.

use std::{fs, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::{
    signal::unix::{SignalKind, signal},
    time::{sleep, timeout},
};
use tracing_subscriber::EnvFilter;

use crate::{
    app::App,
    console,
    identity::{self, Found},
    member, processes, rest,
    settings::{PRODUCT, SOFTWARE_VERSION, Settings},
    tls,
};

/// How long requests that are under way may take when the node stops.
const FINISH_WITHIN: Duration = Duration::from_millis(500);

/// Runs the node until it is told to stop.
pub(crate) fn run(settings: Settings) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&settings.filter).context("RE_EMULATOR_LOG")?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_target(false)
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(live(settings));
    // What still blocks is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended
}

async fn live(settings: Settings) -> anyhow::Result<()> {
    tracing::info!("this is the {PRODUCT}, not Redis Enterprise (interface {SOFTWARE_VERSION})");
    for dir in [&settings.persist, &settings.log, &settings.config] {
        fs::create_dir_all(dir)
            .and_then(|()| tempfile_in(dir))
            .with_context(|| format!("{} can't be written: {}", dir.display(), advice()))?;
    }
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    let app = App::new(settings)?;
    tokio::select! {
        started = start(Arc::clone(&app)) => started?,
        _ = term.recv() => return Ok(()),
        _ = int.recv() => return Ok(()),
    }
    let reaping = Arc::clone(&app);
    app.spawn(async move { processes::reap_orphans(&reaping.processes).await });
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    tracing::info!("stopping");
    app.stop.cancel();
    app.tasks.close();
    // Clients go first: no command of theirs is answered by a server that is being stopped.
    let _ = timeout(FINISH_WITHIN, app.tasks.wait()).await;
    app.processes.stop_all().await;
    tracing::info!("stopped");
    Ok(())
}

/// Takes its time, as the real one does: first nobody is there, then 503, then it works.
async fn start(app: Arc<App>) -> anyhow::Result<()> {
    let half = Duration::from_secs_f64(app.settings.start_seconds.max(0.0)) / 2;
    sleep(half).await;
    let config = tls::server_config(&app)?;
    tls::serve(&app, 9443, Arc::clone(&config), rest::router(&app)).await?;
    tls::serve(&app, 8443, config, console::router(&app)).await?;
    sleep(half).await;
    match identity::find(&app.settings)? {
        Found::Nothing => tracing::info!("in no cluster yet"),
        Found::Member(me) => {
            tracing::info!(node = me.uid, cluster = me.cluster, "coming back");
            member::resume(Arc::clone(&app), Arc::new(*me)).await?;
        }
        Found::Broken(why) => {
            tracing::error!("{why}");
            app.bootstrap.set_broken(&why);
            let _ = app.broken.set(why);
        }
    }
    app.set_started();
    tracing::info!("started");
    Ok(())
}

/// Tries to write there.
fn tempfile_in(dir: &std::path::Path) -> std::io::Result<()> {
    let path = dir.join(".writable");
    fs::write(&path, "")?;
    fs::remove_file(path)
}

fn advice() -> String {
    let uid = rustix::process::getuid().as_raw();
    format!("it must belong to user {uid}, whom this runs as")
}
