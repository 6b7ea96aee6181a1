//! Starts and stops the own Redis of `acd standalone`.

use std::{
    fs::{self, OpenOptions},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::Context;
use clap::ValueEnum;
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    admin::{self, Shutdown},
    data_dir::{DataDir, Socket},
    program::Program,
};

/// How long Redis may take to save its data and exit.
const STOP_WITHIN: Duration = Duration::from_secs(30);
/// How often a Redis that starts is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(10);

/// When Redis calls fsync on its append-only file.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Fsync {
    /// Once a second
    Everysec,
    /// Before it answers
    Always,
}

/// A server program, the directory it works in, and its socket.
#[derive(Debug)]
pub(crate) struct OwnRedis {
    program: Program,
    data: DataDir,
    fsync: Fsync,
    socket: Socket,
}

impl OwnRedis {
    /// Makes sure that nobody else works on the data. Nothing is started yet.
    pub(crate) async fn new(program: Program, data: DataDir, fsync: Fsync) -> anyhow::Result<Self> {
        retire_earlier(&data).await?;
        let socket = data.place_socket()?;
        Ok(Self { program, data, fsync, socket })
    }

    /// The URL for the store.
    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}", self.socket.path.display())
    }

    /// Starts a server and waits until it has loaded its data, however long that takes. None when
    /// `stopping` came first.
    pub(crate) async fn start(
        &self,
        stopping: &CancellationToken,
    ) -> anyhow::Result<Option<Child>> {
        let mut child = self.spawn()?;
        let ready = async {
            while !admin::is_ready(&self.socket.path).await {
                sleep(ASK_EVERY).await;
            }
        };
        tokio::select! {
            () = ready => Ok(Some(child)),
            status = child.wait() => {
                let status = status.context("wait for Redis")?;
                let log = self.data.log();
                let (words, log) = (last_line(&log), log.display());
                anyhow::bail!("Redis ended before it was ready ({status}): {words} (see {log})")
            }
            () = stopping.cancelled() => {
                self.stop(child).await?;
                Ok(None)
            }
        }
    }

    fn spawn(&self) -> anyhow::Result<Child> {
        let log = OpenOptions::new().create(true).append(true).open(self.data.log());
        let log = log.context("open redis.log in the data directory")?;
        let program = &self.program.path;
        let mut command = Command::new(program);
        command
            .args(["--port", "0", "--unixsocketperm", "600", "--daemonize", "no"])
            .args(["--appendonly", "yes", "--save", "", "--databases", "1"])
            .args(["--always-show-logo", "no"])
            .args([
                "--appendfsync",
                match self.fsync {
                    Fsync::Everysec => "everysec",
                    Fsync::Always => "always",
                },
            ])
            .arg("--unixsocket")
            .arg(&self.socket.path)
            .arg("--pidfile")
            .arg(self.data.pid_file())
            .arg("--dir")
            .arg(self.data.path());
        command
            // Redis 7.2 and later refuse to start in a locale that this machine doesn't have.
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("open redis.log twice")?)
            .stderr(log)
            // A terminal's Ctrl-C goes to the whole group: Redis must outlive our drain.
            .process_group(0)
            .kill_on_drop(true);
        command.spawn().with_context(|| format!("start {}", program.display()))
    }

    /// Has the server write what it has and end.
    pub(crate) async fn stop(&self, mut child: Child) -> anyhow::Result<()> {
        let ended = timeout(STOP_WITHIN, self.ask_to_end(&mut child)).await;
        let why = match ended {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => format!("{error:#}"),
            Err(_) => format!("still there after {STOP_WITHIN:?}"),
        };
        // It hands what it acknowledged to the kernel before it answers, so that is kept.
        child.kill().await.context("kill Redis")?;
        anyhow::bail!("Redis did not end when asked and was killed: {why}")
    }

    async fn ask_to_end(&self, child: &mut Child) -> anyhow::Result<()> {
        while child.try_wait().context("look after Redis")?.is_none() {
            match admin::shut_down(&self.socket.path).await.context("ask Redis to end")? {
                Shutdown::Done => _ = child.wait().await.context("wait for Redis")?,
                // It has only just been started.
                Shutdown::NobodyThere => sleep(ASK_EVERY).await,
                Shutdown::Refused(answer) => anyhow::bail!("it answered {answer}"),
            }
        }
        Ok(())
    }
}

/// Ends the Redis that an acd which was killed left behind: it may be one that never loaded the
/// data as we would, and a child of our own is one that we can wait for.
async fn retire_earlier(data: &DataDir) -> anyhow::Result<()> {
    let socket = data.earlier_socket();
    let path = data.path().display();
    let asked = timeout(STOP_WITHIN, admin::shut_down(&socket)).await;
    match asked {
        Ok(Ok(Shutdown::Done)) => {
            tracing::info!("stopped the Redis that an earlier run left behind");
            Ok(())
        }
        Ok(Ok(Shutdown::NobodyThere)) => match data.holder() {
            None => Ok(()),
            Some(pid) => anyhow::bail!(
                "process {pid}, the Redis of an earlier run, still works in {path} and has lost \
                 its socket: end it (kill {pid}) and start again"
            ),
        },
        Ok(Ok(Shutdown::Refused(answer))) => {
            anyhow::bail!("the Redis of an earlier run in {path} does not end: {answer}")
        }
        Ok(Err(error)) => {
            Err(error).with_context(|| format!("stop the Redis of an earlier run in {path}"))
        }
        Err(_) => {
            let pid = data.holder().map(|pid| format!(" (process {pid})")).unwrap_or_default();
            anyhow::bail!("the Redis of an earlier run in {path}{pid} does not answer: end it")
        }
    }
}

/// What Redis said last.
fn last_line(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing").to_owned()
}
