//! Redis servers that speak TCP: nodes of a cluster, a replicated pair, sentinels, TLS.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use acd_testing::redis_json;
use anyhow::{Context, ensure};
use tempfile::TempDir;

use super::{poll, ports::free_port, process::show_end_of};

/// The service that sentinels know.
pub const SERVICE: &str = "mymaster";

/// A `redis-server` on a port of the loopback interface; killed and removed when dropped.
pub struct Node {
    /// The port it listens on.
    pub port: u16,
    args: Vec<String>,
    /// What `redis-cli` needs to be let in.
    login: Vec<String>,
    child: Child,
    dir: TempDir,
}

impl Node {
    /// Starts a server that acknowledges a write only when it is on disk.
    pub async fn start(args: &[&str]) -> Self {
        let port = free_port().to_string();
        let durable = ["--save", "", "--appendonly", "yes", "--appendfsync"];
        let args = [&["--port", &port], &durable[..], &["always"], args].concat();
        Self::launch(tempdir(), &port, &args, &[]).await
    }

    /// Starts a node of a cluster that is still to be made. It keeps serving what it has while
    /// others are away.
    pub async fn start_in_cluster() -> Self {
        let bus = free_port().to_string();
        Self::start(&[
            "--repl-diskless-sync-delay",
            "0",
            "--cluster-enabled",
            "yes",
            "--cluster-port",
            &bus,
            "--cluster-node-timeout",
            "2000",
            "--cluster-require-full-coverage",
            "no",
        ])
        .await
    }

    /// Starts a server that speaks TLS, with `ca.pem`, `server.pem` and `server.key` of a directory,
    /// and wants a password.
    pub async fn start_tls(certificates: &Path, password: &str) -> Self {
        let port = free_port().to_string();
        let file = |name: &str| certificates.join(name).display().to_string();
        let (ca, cert, key) = (file("ca.pem"), file("server.pem"), file("server.key"));
        let listen = ["--port", "0", "--tls-port", &port, "--save", ""];
        let files = ["--tls-ca-cert-file", &ca, "--tls-cert-file", &cert];
        let auth = ["--tls-auth-clients", "no", "--requirepass", password];
        let args = [&listen[..], &files, &["--tls-key-file", &key], &auth].concat();
        let login = ["--tls", "--cacert", &ca, "-a", password, "--no-auth-warning"];
        Self::launch(tempdir(), &port, &args, &login).await
    }

    /// Starts a sentinel that watches the server on port `primary`.
    pub async fn start_sentinel(primary: u16, quorum: u8) -> Self {
        let (dir, port) = (tempdir(), free_port().to_string());
        // A sentinel keeps what it learns in its configuration.
        let conf = dir.path().join("sentinel.conf");
        let text = format!(
            "sentinel monitor {SERVICE} 127.0.0.1 {primary} {quorum}\n\
             sentinel down-after-milliseconds {SERVICE} 700\n\
             sentinel failover-timeout {SERVICE} 3000\n\
             sentinel announce-ip 127.0.0.1\n"
        );
        fs::write(&conf, text).expect("a configuration");
        let conf = conf.display().to_string();
        let args = [conf.as_str(), "--sentinel", "--port", &port];
        Self::launch(dir, &port, &args, &[]).await
    }

    async fn launch(dir: TempDir, port: &str, args: &[&str], login: &[&str]) -> Self {
        let own = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let mut args: Vec<String> = own(args);
        if !args.iter().any(|arg| arg == "--sentinel") {
            args.extend(redis_json());
        }
        let mut node = Self {
            port: port.parse().expect("a port"),
            child: spawn(dir.path(), &args),
            args,
            login: own(login),
            dir,
        };
        node.answering().await;
        node
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`; what it keeps on disk stays.
    pub fn kill(&mut self) {
        self.child.kill().expect("kill -9");
        self.child.wait().expect("a status");
    }

    /// Starts it again after its end, with what it keeps on disk.
    pub async fn restart(&mut self) {
        self.child = spawn(self.dir.path(), &self.args);
        self.answering().await;
    }

    /// What `redis-cli` prints; an error when Redis answers with one.
    pub fn cli(&self, args: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new("redis-cli");
        command.args(["-e", "-p", &self.port.to_string()]);
        let output = command.args(&self.login).args(args).output();
        let output = output.context("run redis-cli")?;
        let said = String::from_utf8(output.stdout)?.trim_end().to_owned();
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{args:?}: {said}{complaint}");
        Ok(said)
    }

    /// A line `name:value` of `INFO`.
    pub fn info(&self, section: &str, name: &str) -> Option<String> {
        let info = self.cli(&["INFO", section]).ok()?;
        let line = info.lines().find_map(|line| line.strip_prefix(name));
        Some(line?.strip_prefix(':')?.trim().to_owned())
    }

    /// Whether it says that it is a primary.
    pub fn is_primary(&self) -> bool {
        self.info("replication", "role").as_deref() == Some("master")
    }

    async fn answering(&mut self) {
        poll("answer of redis-server", async || {
            let ended = self.child.try_wait().expect("a status");
            if let Some(status) = ended {
                show_end_of(&self.dir.path().join("redis.log"));
                panic!("redis-server ended: {status}");
            }
            self.cli(&["PING"]).ok().filter(|answer| answer == "PONG")
        })
        .await;
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may be dead already, and nobody is left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            show_end_of(&self.dir.path().join("redis.log"));
        }
    }
}

fn tempdir() -> TempDir {
    tempfile::tempdir().expect("a directory for redis-server")
}

fn spawn(dir: &Path, args: &[String]) -> Child {
    Command::new("redis-server")
        .args(args)
        .args(["--bind", "127.0.0.1", "--logfile", "redis.log", "--dir"])
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("redis-server 7.0 or later is in PATH (Debian: apt-get install redis-server)")
}

/// Whether this `redis-server` was built with TLS: then it knows what it does not like about this
/// setting, otherwise it does not know the setting. It ends at once either way.
pub fn has_tls() -> bool {
    let output = Command::new("redis-server")
        .args(["--port", "0", "--tls-auth-clients", "perhaps"])
        .output()
        .expect("redis-server is in PATH");
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&said).contains("must be one of")
}
