//! Programs: run to their end, or watched and killed on the way. None runs for ever.

use std::{
    ffi::{OsStr, OsString},
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use super::{
    poll,
    settings::{project, root},
};

/// Every profile, so that Compose sees every service.
const PROFILES: &str =
    "redis,sentinel,cluster,single,loadbalancer,rest,dispatcher,simulator,monitoring";

/// The cargo profile of the binaries in the images, unless `ACD_BUILD_PROFILE` names another.
const BUILD_PROFILE: &str = "quick";

fn build_profile() -> OsString {
    std::env::var_os("ACD_BUILD_PROFILE").unwrap_or_else(|| BUILD_PROFILE.into())
}

/// What a program came to.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; nothing when a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Ran {
    /// What it printed, if all went well.
    pub fn ok(self) -> Result<String, String> {
        if self.code == Some(0) { Ok(self.out) } else { Err(self.all()) }
    }

    /// Both streams.
    pub fn all(&self) -> String {
        format!("exit code {:?}\n{}{}", self.code, self.out, self.err)
    }
}

/// Runs a program in the repository to its end.
pub fn run(line: &[impl AsRef<OsStr>], limit: Duration) -> Ran {
    Process::start(line).wait(limit)
}

/// A program that runs, in a process group of its own as a shell makes one; killed when dropped.
pub struct Process {
    name: String,
    child: Child,
    lines: Arc<Mutex<Vec<(Instant, String)>>>,
    out: Option<JoinHandle<String>>,
    err: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts it in the repository.
    pub fn start(line: &[impl AsRef<OsStr>]) -> Self {
        Self::start_with(line, &[])
    }

    /// Starts it with these variables in its environment.
    pub(super) fn start_with(line: &[impl AsRef<OsStr>], variables: &[(String, String)]) -> Self {
        let (program, args) = line.split_first().expect("a program");
        let mut child = Command::new(program)
            .args(args)
            .current_dir(root())
            .env("COMPOSE_PROJECT_NAME", project())
            .env("COMPOSE_PROFILES", PROFILES)
            .env("ACD_BUILD_PROFILE", build_profile())
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{} starts: {error}", program.as_ref().display()));
        let lines: Arc<Mutex<Vec<_>>> = Arc::default();
        let (mut stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let seen = Arc::clone(&lines);
        let err = std::thread::spawn(move || {
            let read = |line: std::io::Result<Vec<u8>>| line.ok();
            for line in BufReader::new(stderr).split(b'\n').map_while(read) {
                let line = String::from_utf8_lossy(&line).into_owned();
                seen.lock().unwrap().push((Instant::now(), line));
            }
        });
        let out = std::thread::spawn(move || {
            let mut all = Vec::new();
            let _ = stdout.read_to_end(&mut all);
            String::from_utf8_lossy(&all).into_owned()
        });
        let name = program.as_ref().to_string_lossy().into_owned();
        Self { name, child, lines, out: Some(out), err: Some(err) }
    }

    /// What it said on standard error so far, with when.
    pub fn lines(&self) -> Vec<(Instant, String)> {
        self.lines.lock().unwrap().clone()
    }

    fn said(&self) -> String {
        self.lines().into_iter().map(|(_, line)| line + "\n").collect()
    }

    /// Waits until it says so; it may end instead, which is told.
    pub fn says(&mut self, what: &str, limit: Duration) -> Result<(), String> {
        poll(what, limit, || {
            if self.lines().iter().any(|(_, line)| line.contains(what)) {
                return Ok(Ok(()));
            }
            match self.status() {
                Some(status) => Ok(Err(format!("it ended with {status}: {}", self.said()))),
                None => Err(self.said()),
            }
        })
    }

    fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a status")
    }

    /// Sends a signal to it and to all that it started, as a terminal does.
    pub fn signal(&self, name: &str) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-s", name, "--", &group]).status();
    }

    /// Waits for its end.
    pub fn wait(mut self, limit: Duration) -> Ran {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.status() {
                break status;
            }
            if begun.elapsed() > limit {
                self.signal("KILL");
                panic!("{} did not end within {limit:?}:\n{}", self.name, self.said());
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let out = self.out.take().map(|out| out.join().unwrap()).unwrap_or_default();
        if let Some(err) = self.err.take() {
            err.join().unwrap();
        }
        Ran { code: status.code(), out, err: self.said() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.status().is_none() {
            self.signal("KILL");
            let _ = self.child.wait();
        }
    }
}
