//! The Redis servers and the sentinel that a node consists of: started, restarted when they die,
//! stopped in order when the node stops.

mod config;
mod ready;
mod reaper;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

pub(crate) use config::{ServerConfig, replicate, sentinel_config};
pub(crate) use ready::is_ready;
pub(crate) use reaper::reap_orphans;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How long a server may take to write what it has.
const STOP_WITHIN: Duration = Duration::from_millis(3500);
const RESTART_AFTER: Duration = Duration::from_millis(500);

/// All processes of the node by name.
#[derive(Debug)]
pub(crate) struct Processes {
    program: PathBuf,
    running: Mutex<HashMap<String, Running>>,
    pids: Arc<Mutex<HashMap<String, u32>>>,
}

#[derive(Debug)]
struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Processes {
    pub(crate) fn new(program: PathBuf) -> Self {
        Self { program, running: Mutex::default(), pids: Arc::default() }
    }

    /// Whether a process of that name is looked after.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).contains_key(name)
    }

    /// Names of what is looked after.
    pub(crate) fn names(&self) -> Vec<String> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.keys().cloned().collect()
    }

    /// Starts a server with its configuration file, and again whenever it dies.
    pub(crate) fn start(&self, name: &str, config: &Path, sentinel: bool) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.contains_key(name) {
            return;
        }
        let mut command = Command::new(&self.program);
        command.arg(config);
        if sentinel {
            command.arg("--sentinel");
        }
        command
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            // A signal to the group is for us: we stop them in order.
            .process_group(0)
            .kill_on_drop(true);
        let stop = CancellationToken::new();
        let pids = Arc::clone(&self.pids);
        let task = tokio::spawn(look_after(name.to_owned(), command, stop.clone(), pids));
        running.insert(name.to_owned(), Running { stop, task });
    }

    /// Stops one.
    pub(crate) async fn stop(&self, name: &str) {
        let found = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        if let Some(Running { stop, task }) = found {
            stop.cancel();
            let _ = task.await;
        }
    }

    /// Kills one, which then isn't started again.
    pub(crate) fn kill(&self, name: &str) {
        let found = self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        if let Some(Running { task, .. }) = found {
            // Its process is killed when the task is dropped.
            task.abort();
            self.pids.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
            tracing::warn!(name, "killed");
        }
    }

    /// Stops all of them at once.
    pub(crate) async fn stop_all(&self) {
        let all: Vec<Running> = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.drain().map(|(_, running)| running).collect()
        };
        for running in &all {
            running.stop.cancel();
        }
        for running in all {
            let _ = running.task.await;
        }
    }

    /// The processes that are waited for.
    pub(crate) fn pids(&self) -> Vec<u32> {
        self.pids.lock().unwrap_or_else(PoisonError::into_inner).values().copied().collect()
    }
}

async fn look_after(
    name: String,
    mut command: Command,
    stop: CancellationToken,
    pids: Arc<Mutex<HashMap<String, u32>>>,
) {
    while !stop.is_cancelled() {
        match command.spawn() {
            Ok(mut child) => {
                let pid = child.id().unwrap_or(0);
                pids.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), pid);
                tracing::info!(name, pid, "started");
                tokio::select! {
                    status = child.wait() => {
                        tracing::warn!(name, ?status, "ended by itself, starting it again");
                    }
                    () = stop.cancelled() => end(&name, child).await,
                }
            }
            Err(error) => tracing::error!(name, %error, "can't be started"),
        }
        tokio::select! {
            () = sleep(RESTART_AFTER) => {}
            () = stop.cancelled() => {}
        }
    }
    pids.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
}

async fn end(name: &str, mut child: Child) {
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid
        && let Err(error) = kill_process(pid, Signal::TERM)
    {
        tracing::warn!(name, %error, "can't be told to end");
    }
    if let Ok(status) = timeout(STOP_WITHIN, child.wait()).await {
        tracing::info!(name, ?status, "stopped");
    } else {
        tracing::warn!(name, "did not end in time and is killed");
        let _ = child.kill().await;
    }
}
