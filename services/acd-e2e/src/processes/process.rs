//! A running `acd`.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
};

use serde_json::Value;

use super::{binary, poll, signal};

/// How much of a log is shown when a test fails.
const SHOWN_LINES: usize = 40;

/// A process of one role, with its log in a file; killed when dropped.
pub struct Acd {
    args: Vec<String>,
    log: PathBuf,
    /// Where in the log this start of the process begins.
    log_from: usize,
    child: Child,
    address: String,
}

impl Acd {
    /// Starts it and waits until it tells where it listens.
    pub async fn start(work: &Path, name: &str, args: &[&str]) -> Self {
        let log = work.join(format!("{name}.log"));
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        let child = spawn(&args, &log);
        let mut this = Self { args, log, log_from: 0, child, address: String::new() };
        this.listening().await;
        this
    }

    /// Starts it again, after its end.
    pub async fn restart(&mut self) {
        self.log_from = fs::read(&self.log).expect("the log").len();
        self.child = spawn(&self.args, &self.log);
        self.listening().await;
    }

    /// `http://host:port`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// `kill -9`
    pub fn kill(&mut self) {
        self.child.kill().expect("kill -9");
        self.child.wait().expect("a status");
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        signal("TERM", self.child.id());
    }

    /// How it ended.
    pub async fn ended(&mut self) -> ExitStatus {
        poll("end of the process", async || self.status()).await
    }

    /// What it logged since it was started last.
    pub fn log(&self) -> String {
        let all = fs::read(&self.log).expect("the log");
        String::from_utf8_lossy(&all[self.log_from..]).into_owned()
    }

    fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a status")
    }

    async fn listening(&mut self) {
        let address = poll("address in the log", async || {
            let ended = self.status();
            assert!(ended.is_none(), "acd ended ({ended:?}): {}", self.log());
            self.log().lines().find_map(address)
        });
        self.address = format!("http://{}", address.await);
    }
}

/// The address in the line of the log that tells it.
fn address(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    Some(line["address"].as_str()?.to_owned())
}

/// Runs `acd` to its end, in an environment in which nothing is configured.
pub fn run(args: &[&str]) -> Output {
    command().args(args).output().expect("acd starts")
}

/// The same without waiting for its end.
pub fn begin(args: &[&str]) -> Child {
    let mut command = command();
    command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("acd starts")
}

fn command() -> Command {
    let mut command = Command::new(binary::acd());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ACD_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

fn spawn(args: &[String], log: &Path) -> Child {
    let log_file = File::options().create(true).append(true).open(log);
    command()
        .args(args)
        .args(["--log-format", "json", "--log", "info,acd=debug"])
        .current_dir(log.parent().expect("a log is in a directory"))
        .stdout(Stdio::null())
        .stderr(log_file.expect("a file for the log"))
        .spawn()
        .expect("acd starts")
}

impl Drop for Acd {
    fn drop(&mut self) {
        // It may have ended, and nobody is left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            show_end_of(&self.log);
        }
    }
}

/// Shows the last lines of a log, for whoever looks into a failure.
pub(super) fn show_end_of(log: &Path) {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
    eprintln!("== end of {}\n{}", log.display(), last.join("\n"));
}
