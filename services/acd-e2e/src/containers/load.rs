//! A client under load, in a container on the stack's network: `acd simulator availability`.

use std::{fs, time::Duration};

use serde_json::Value;

use super::{
    docker::{Container, docker, try_docker},
    poll,
    process::Process,
    settings::{artifacts, project, setting},
    tier::Tier,
};

/// What begins soon: containers start, a crew is made.
const SOON: Duration = Duration::from_secs(30);
/// The end: every contact is served and read.
const END: Duration = Duration::from_secs(180);
/// How long service may be away that comes back by itself.
const BACK: Duration = Duration::from_secs(60);
/// How stubborn the client is where servers have to elect another first, majorities included that
/// are away for a while.
const STUBBORN: [&str; 4] = ["--retry-for", "120s", "--assign-within", "120s"];

/// A load that runs; killed when dropped.
pub struct Load {
    name: String,
    process: Option<Process>,
}

impl Load {
    /// Starts it, in a center of its own, and waits until contacts are served. `api` is a container
    /// with the image.
    pub(super) fn start(name: &str, api: &Container, tier: Tier) -> Self {
        let image = docker(&["inspect", "--format", "{{.Config.Image}}", &api.id]);
        let (project, vip) = (project(), setting("ACD_VIP"));
        let (container, network) = (format!("{project}-load"), format!("{project}_re_cluster"));
        try_docker(&["rm", "--force", &container]);
        let url = format!("http://{vip}:8000");
        let center = center(name);
        let line = [
            "docker",
            "run",
            "--rm",
            "--name",
            &container,
            "--network",
            &network,
            image.trim(),
            "simulator",
            "availability",
            "--json",
            "--url",
            &url,
            "--center",
            &center,
            "--rate",
            "40",
            "--agents",
            "20",
            "--max-failed",
            "0",
        ];
        let stubborn = if tier == Tier::Enterprise { &[][..] } else { &STUBBORN };
        let process = Process::start(&[&line, stubborn].concat());
        let mut load = Self { name: name.to_owned(), process: Some(process) };
        load.process().says(" 2 s, ", SOON).unwrap();
        load
    }

    fn process(&mut self) -> &mut Process {
        self.process.as_mut().expect("the load runs")
    }

    /// The times without service so far.
    pub fn outages(&mut self) -> Vec<Duration> {
        let seconds = |line: &str| {
            let (before, _) = line.split_once(" s without service")?;
            before.rsplit(' ').next()?.parse().ok().map(Duration::from_secs_f64)
        };
        self.process().lines().iter().filter_map(|(_, line)| seconds(line)).collect()
    }

    /// Waits until its probes are answered.
    pub fn in_service(&mut self) {
        let before = self.process().lines().len();
        let process = self.process();
        poll("service", BACK, || {
            let lines = process.lines();
            let since = lines.iter().skip(before).map(|(_, line)| line);
            match since.rev().find(|line| line.contains("contacts: ")) {
                Some(line) if line.contains("in service") => Ok(()),
                other => Err(format!("{other:?}")),
            }
        });
    }

    /// Ends it, and asks whether everything that was acknowledged is as it should be.
    pub fn finish(mut self) -> Report {
        let process = self.process.take().expect("the load runs");
        docker(&["kill", "--signal", "INT", &format!("{}-load", project())]);
        let ran = process.wait(END);
        keep(&self.name, &ran.all());
        let report: Value =
            serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {}", ran.all()));
        let report = Report(report);
        let wrong = report.wrong();
        assert!(ran.code == Some(0) && wrong.is_empty(), "{}: {wrong:#?}\n{}", self.name, ran.err);
        report
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        if let Some(process) = &self.process {
            let said: Vec<String> = process.lines().into_iter().map(|(_, line)| line).collect();
            eprintln!("the load's last words: {:#?}", &said[said.len().saturating_sub(15)..]);
            keep(&self.name, &said.join("\n"));
            try_docker(&["rm", "--force", &format!("{}-load", project())]);
        }
    }
}

/// The center in which the load of this name works.
pub fn center(name: &str) -> String {
    format!("test-{name}")
}

/// Keeps the timeline of a load.
fn keep(name: &str, said: &str) {
    let directory = artifacts().join("stack");
    let kept = fs::create_dir_all(&directory)
        .and_then(|()| fs::write(directory.join(format!("{name}.log")), said));
    if let Err(error) = kept {
        eprintln!("the timeline of {name} is lost: {error}");
    }
}

/// What the load reports.
#[derive(Clone, Debug)]
pub struct Report(Value);

impl Report {
    /// The checks that did not pass.
    fn wrong(&self) -> Vec<&Value> {
        let checks = self.0["checks"].as_array().expect("checks");
        checks.iter().filter(|check| check["passed"] != true).collect()
    }

    /// A figure of the report, by its name.
    pub fn get(&self, name: &str) -> &Value {
        &self.0[name]
    }

    /// The longest time without service.
    pub fn gap(&self) -> Duration {
        Duration::from_millis(self.0["longest_gap_ms"].as_u64().expect("a time"))
    }

    /// The slowest creation of a contact, repeats included.
    pub fn slowest_ms(&self) -> f64 {
        self.0["operations"]["create"]["latency"]["max_ms"].as_f64().unwrap_or_default()
    }

    /// Requests that were not repeated, and failed in another way than by taking too long, which they
    /// also do where the machine is busy.
    pub fn not_repeated(&self) -> Vec<String> {
        let outages = self.0["outages"].as_array().expect("outages").iter();
        let causes = outages.filter_map(|outage| outage["causes"].as_object()).flatten();
        let probes = causes
            .filter(|(cause, _)| *cause != "time_out")
            .map(|(cause, count)| format!("probes: {count} {cause}"));
        let others = self.0["not_repeated"].as_array().expect("failures").iter();
        let others = others.filter_map(Value::as_str).filter(|why| !why.contains("timed out"));
        probes.chain(others.map(str::to_owned)).collect()
    }
}
