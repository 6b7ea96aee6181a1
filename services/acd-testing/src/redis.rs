//! Real Redis servers for tests, each private to the test that starts it.

use std::{
    ffi::OsStr,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};

/// How long a server may take to answer after it was started.
const START: Duration = Duration::from_secs(20);

/// A `redis-server` on a Unix socket in a directory of its own. Dropping it stops the server and removes
/// the directory.
#[derive(Debug)]
pub struct RedisServer {
    dir: tempfile::TempDir,
    args: Vec<String>,
    child: Child,
}

impl RedisServer {
    /// Starts a server without persistence.
    ///
    /// # Errors
    /// When there is no `redis-server`, or it does not answer.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(&[]).await
    }

    /// Starts a server that writes to disk before it acknowledges.
    ///
    /// # Errors
    /// When there is no `redis-server`, or it does not answer.
    pub async fn start_durable() -> anyhow::Result<Self> {
        Self::start_with(&["--appendonly", "yes", "--appendfsync", "always"]).await
    }

    /// Starts a server with more arguments, and with RedisJSON where [`redis_json`] names it.
    ///
    /// # Errors
    /// When there is no `redis-server`, or it does not answer.
    pub async fn start_with(args: &[&str]) -> anyhow::Result<Self> {
        let dir = tempfile::tempdir().context("make a directory for redis-server")?;
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        let child = spawn(dir.path(), &args)?;
        let mut server = Self { dir, args, child };
        server.answering().await?;
        Ok(server)
    }

    /// Starts a primary and a replica that is in sync with it.
    ///
    /// # Errors
    /// When there is no `redis-server`, or one does not answer.
    pub async fn start_pair() -> anyhow::Result<(Self, Self)> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
        // A replica can connect to its primary over TCP only.
        let tcp = ["--port", &port, "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0"];
        let primary = Self::start_with(&tcp).await?;
        let replica = Self::start_with(&["--replicaof", &format!("127.0.0.1 {port}")]).await?;
        let began = Instant::now();
        while !replica.cli(&["INFO", "replication"])?.contains("master_link_status:up") {
            ensure!(began.elapsed() < START, "the replica does not find its primary");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok((primary, replica))
    }

    /// The URL of the server.
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// The path of the server's socket.
    pub fn socket(&self) -> PathBuf {
        self.dir.path().join("redis.sock")
    }

    /// Kills the server with SIGKILL. Its files stay.
    ///
    /// # Errors
    /// When it can't be killed.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill().context("kill redis-server")?;
        self.child.wait().context("wait for redis-server")?;
        Ok(())
    }

    /// Suspends the server until [`RedisServer::resume`].
    ///
    /// # Errors
    /// When it can't be signalled.
    pub fn pause(&self) -> anyhow::Result<()> {
        self.signal("STOP")
    }

    /// Resumes the server after [`RedisServer::pause`].
    ///
    /// # Errors
    /// When it can't be signalled.
    pub fn resume(&self) -> anyhow::Result<()> {
        self.signal("CONT")
    }

    fn signal(&self, name: &str) -> anyhow::Result<()> {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().context("run kill")?;
        ensure!(status.success(), "redis-server can't be sent SIG{name}");
        Ok(())
    }

    /// Starts the server again after [`RedisServer::kill`], with its files.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.child = spawn(self.dir.path(), &self.args)?;
        self.answering().await
    }

    /// Sends a command with `redis-cli` and returns what it prints.
    ///
    /// # Errors
    /// When `redis-cli` can't be run or says that it failed.
    pub fn cli<S: AsRef<OsStr>>(&self, args: &[S]) -> anyhow::Result<String> {
        let output = Command::new("redis-cli")
            .arg("-s")
            .arg(self.socket())
            .args(args)
            .output()
            .context("run redis-cli")?;
        ensure!(output.status.success(), "redis-cli: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
    }

    async fn answering(&mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        while self.cli(&["PING"]).ok().as_deref() != Some("PONG") {
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "redis-server ended at once ({status}); its arguments: {:?}",
                    [&self.args[..], &redis_json()].concat()
                );
            }
            ensure!(began.elapsed() < START, "redis-server does not answer within {START:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // The server may have ended already, and errors can't be reported here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(dir: &Path, args: &[String]) -> anyhow::Result<Child> {
    Command::new("redis-server")
        .args(["--port", "0", "--unixsocket", "redis.sock", "--save", "", "--loglevel", "warning"])
        .arg("--dir")
        .arg(dir)
        .args(args)
        .args(redis_json())
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("these tests need redis-server 7.0 or later in PATH (Debian: apt-get install redis-server)")
}

/// The arguments that load RedisJSON, when `ACD_TEST_REDISJSON` names the module's file. Every server
/// of the tests is then started with it, so a store that may choose keeps its documents as JSON.
pub fn redis_json() -> Vec<String> {
    let file = std::env::var("ACD_TEST_REDISJSON").ok().filter(|file| !file.is_empty());
    file.map_or_else(Vec::new, |file| vec!["--loadmodule".to_owned(), file])
}

/// The `TYPE` of a contact or an agent in a database that a test's store has made.
pub fn document_type() -> &'static str {
    if redis_json().is_empty() { "hash" } else { "ReJSON-RL" }
}
