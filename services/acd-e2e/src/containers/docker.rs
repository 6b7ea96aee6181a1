//! Docker, asked as an operator asks it.

use std::{ffi::OsStr, sync::OnceLock, time::Duration};

use super::{
    poll,
    process::{Ran, run},
    settings::project,
};

/// The longest that one command may take.
const LIMIT: Duration = Duration::from_secs(60);

/// `docker …`, whatever it comes to.
pub(crate) fn try_docker(args: &[impl AsRef<OsStr>]) -> Ran {
    let line: Vec<&OsStr> =
        std::iter::once(OsStr::new("docker")).chain(args.iter().map(AsRef::as_ref)).collect();
    run(&line, LIMIT)
}

/// `docker …`, which must go well.
#[track_caller]
pub fn docker(args: &[impl AsRef<OsStr>]) -> String {
    try_docker(args).ok().unwrap_or_else(|why| {
        let line: Vec<_> = args.iter().map(|arg| arg.as_ref().to_string_lossy()).collect();
        panic!("docker {}: {why}", line.join(" "))
    })
}

/// `docker compose …` or `docker-compose …`, whichever is here, as the scripts choose.
pub fn compose(args: &[&str], limit: Duration) -> Ran {
    static PLUGIN: OnceLock<bool> = OnceLock::new();
    let plugin = *PLUGIN.get_or_init(|| try_docker(&["compose", "version"]).code == Some(0));
    let program: &[&str] = if plugin { &["docker", "compose"] } else { &["docker-compose"] };
    run(&[program, args].concat(), limit)
}

/// A container of the stack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Container {
    /// Its Compose service.
    pub service: String,
    /// Its name.
    pub name: String,
    /// Its full id.
    pub id: String,
    /// `running`, `exited`, `paused`, `restarting`, …
    pub state: String,
    /// Its health check says that it is ill.
    pub unhealthy: bool,
}

/// Every container of the stack's services, running or not, sorted.
pub(crate) fn containers() -> Vec<Container> {
    let filter = format!("label=com.docker.compose.project={}", project());
    let format = "{{.Label \"com.docker.compose.service\"}}|{{.Names}}|{{.ID}}|{{.State}}|{{.Status}}|\
                  {{.Label \"com.docker.compose.oneoff\"}}";
    let list = docker(&["ps", "--all", "--no-trunc", "--filter", &filter, "--format", format]);
    let container = |line: &str| {
        let mut fields = line.split('|').map(str::to_owned);
        let mut next = || fields.next().unwrap_or_default();
        let (service, name, id, state, status) = (next(), next(), next(), next(), next());
        let unhealthy = status.contains("(unhealthy)");
        // `compose run` makes containers that are no part of the service.
        (next() != "True").then_some(Container { service, name, id, state, unhealthy })
    };
    let mut all: Vec<Container> = list.lines().filter_map(container).collect();
    all.sort();
    all
}

/// Waits until the container runs.
pub fn wait_running(id: &str) {
    poll("running container", LIMIT, || {
        match docker(&["inspect", "--format", "{{.State.Status}}", id]).trim() {
            "running" => Ok(()),
            other => Err(format!("{id} is {other}")),
        }
    });
}
