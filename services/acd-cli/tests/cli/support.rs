//! Starting the executable, and ending it for certain.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
};

use acd_testing::poll;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The executable, in an environment in which nothing is configured.
pub(crate) fn acd(work: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_acd"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ACD_") {
            command.env_remove(name);
        }
    }
    command.current_dir(work).stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn output(command: &mut Command) -> Output {
    command.output().expect("acd starts")
}

/// The one line on standard error of a run that ended with `code`.
pub(crate) fn complaint(command: &mut Command, code: i32) -> String {
    let output = output(command);
    let text = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert_eq!(text.trim_end().lines().count(), 1, "not one line:\n{text}");
    text
}

/// A running `acd standalone`.
pub(crate) struct Standalone {
    child: Child,
    pub(crate) base: String,
    pub(crate) data: PathBuf,
    work: PathBuf,
    client: reqwest::Client,
}

impl Standalone {
    /// Starts one with its data in `work/data` on a port of the system's choice, and waits until
    /// it says where it is.
    pub(crate) async fn start(work: &TempDir) -> Self {
        Self::start_with(work.path(), "data", &[]).await
    }

    pub(crate) async fn start_with(work: &Path, data: &str, args: &[&str]) -> Self {
        let open = |name| File::create(work.join(name)).expect("a file for what acd prints");
        let child = acd(work)
            .args(["standalone", "--listen", "127.0.0.1:0", "--data-dir", data])
            .args(args)
            .stdout(open("out"))
            .stderr(open("err"))
            // A group of its own, as a shell makes one: see interrupt().
            .process_group(0)
            .spawn()
            .expect("acd starts");
        let mut this = Self {
            child,
            base: String::new(),
            data: work.join(data),
            work: work.to_owned(),
            client: reqwest::Client::builder().no_proxy().build().expect("a client"),
        };
        let out = work.join("out");
        this.base = poll("address printed", async || {
            let ended = this.child.try_wait().expect("a status");
            assert!(ended.is_none(), "acd ended ({ended:?}): {}", this.log());
            let text = fs::read_to_string(&out).expect("what it printed");
            let line = text.lines().find_map(|line| line.trim().strip_prefix("API "))?;
            Some(line.trim().strip_suffix("/v1/centers/main")?.to_owned())
        })
        .await;
        this
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.work.join("err")).expect("the log")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What Ctrl-C in a terminal does: SIGINT to the whole process group.
    pub(crate) fn interrupt(&self) {
        signal("INT", &format!("-{}", self.child.id()));
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("kill -9");
        self.child.wait().expect("a status");
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        poll("end of acd", async || self.child.try_wait().expect("a status")).await
    }

    /// The process id of its Redis.
    pub(crate) fn redis_pid(&self) -> Option<u32> {
        fs::read_to_string(self.data.join("redis.pid")).ok()?.trim().parse().ok()
    }

    /// The status and the body of an answer; None when there was none.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Option<(u16, Value)> {
        let method = method.parse().expect("a method");
        let url = format!("{}/v1/centers/main/{path}", self.base);
        let answer = self.client.request(method, url).json(&body).send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.json().await.ok()?))
    }

    /// Creates a contact; true once that is acknowledged.
    pub(crate) async fn create_contact(&self, id: &str) -> bool {
        let body = json!({ "id": id, "skills": ["english"] });
        matches!(self.call("POST", "contacts", body).await, Some((200 | 201, _)))
    }

    /// Creates contacts `prefix-0`, `prefix-1`, … until `enough` says so or one is not
    /// acknowledged; how many were.
    pub(crate) async fn create_contacts(
        &self,
        prefix: &str,
        enough: impl Fn(usize) -> bool,
    ) -> usize {
        let mut created = 0;
        while !enough(created) && self.create_contact(&format!("{prefix}-{created}")).await {
            created += 1;
        }
        created
    }

    pub(crate) async fn assert_has_contacts(&self, prefix: &str, count: usize) {
        for number in 0..count {
            let path = format!("contacts/{prefix}-{number}");
            let (status, body) = self.call("GET", &path, Value::Null).await.expect("an answer");
            assert_eq!(status, 200, "{path} of {count}: {body}");
        }
    }
}

impl Drop for Standalone {
    /// Leaves no Redis behind, whatever the test came to.
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if let Some(pid) = self.redis_pid().filter(|pid| is_running(*pid)) {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
        }
    }
}

/// Sends a signal to a process, or to a group when there is a minus sign before its number.
pub(crate) fn signal(name: &str, to: &str) {
    let kill = Command::new("sh").args(["-c", &format!("kill -s {name} -- {to}")]).status();
    assert!(kill.expect("a shell").success(), "kill -{name} {to}");
}

pub(crate) fn is_running(pid: u32) -> bool {
    let test = format!("kill -0 {pid} 2>/dev/null && ! grep -qs ') Z ' /proc/{pid}/stat");
    Command::new("sh").args(["-c", &test]).status().expect("a shell").success()
}
