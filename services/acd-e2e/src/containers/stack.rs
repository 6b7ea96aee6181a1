//! The stack: made by the project's own scripts, looked at as an operator looks at it.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{
    client::Client,
    docker::{self, Container, containers, try_docker},
    load::Load,
    poll,
    process::{Process, Ran, run},
    say,
    settings::{artifacts, project, setting},
    tier::Tier,
};

/// What is compiled for the images, on a slow machine that has nothing yet.
const COMPILED: Duration = Duration::from_secs(1800);
/// A start from nothing, with images made of what is compiled, on a slow machine.
const START: Duration = Duration::from_secs(540);
/// How long the stack may take to be whole again after a fault.
const WHOLE: Duration = Duration::from_secs(90);
const BALANCERS: [&str; 2] = ["lb1", "lb2"];
/// The tier for which the images have been built: those of Redis and Valkey have the same names.
static BUILT: Mutex<Option<Tier>> = Mutex::new(None);
/// The one stack, for whose turn it is.
pub struct Stack {
    tier: Tier,
}

impl Stack {
    /// The stack on this tier, whether it is there or not.
    pub(super) fn of_tier(tier: Tier) -> Self {
        Self { tier }
    }

    /// What the stack stands on.
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// `scripts/start.sh`, which must go well.
    pub fn start(&self) {
        self.start_with(&[]);
    }

    /// The same with these settings in the environment.
    pub fn start_with(&self, settings: &[(String, String)]) {
        self.started(self.starting_with(settings));
    }

    /// `scripts/start.sh`, which builds the images again, unless `ACD_TEST_BUILD=0`; it must go well.
    pub fn start_and_build(&self) {
        let flags: &[&str] = if may_build() { &[] } else { &["--no-build"] };
        self.started(self.launch(flags, &[]));
    }

    fn started(&self, process: Process) {
        let begun = Instant::now();
        let ran = process.wait(START);
        assert_eq!(ran.code, Some(0), "scripts/start.sh: {}", ran.all());
        say(&format!("scripts/start.sh took {:.0} s", begun.elapsed().as_secs_f64()));
        *BUILT.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.tier);
    }

    /// `scripts/start.sh` on its way.
    pub fn starting(&self) -> Process {
        self.starting_with(&[])
    }

    /// The first start of a tier builds its images, unless `ACD_TEST_BUILD=0`.
    fn starting_with(&self, settings: &[(String, String)]) -> Process {
        let built = *BUILT.lock().unwrap_or_else(PoisonError::into_inner);
        if !may_build() || built == Some(self.tier) {
            return self.launch(&["--no-build"], settings);
        }
        if built.is_none() {
            // It takes minutes the first time, and is no part of a start.
            let ran = run(&["scripts/base-images.sh"], COMPILED);
            assert_eq!(ran.code, Some(0), "scripts/base-images.sh: {}", ran.all());
        }
        self.launch(&[], settings)
    }

    fn launch(&self, flags: &[&str], settings: &[(String, String)]) -> Process {
        let line = [&self.tier.start(), flags].concat();
        Process::start_with(&line, &[&self.tier.environment(), settings].concat())
    }

    /// Removes a stack that stands on something else.
    pub(super) fn make_room(&self) {
        let other = Tier::chosen();
        if other != self.tier && !containers().is_empty() {
            say(&format!("the stack that is there stands on {}: removing it", other.name()));
            self.stop(&["--volumes"]);
        }
    }

    /// `scripts/stop.sh`
    pub fn stop(&self, args: &[&str]) {
        // Nobody else may be on a network that is to be removed.
        Client::remove();
        let begun = Instant::now();
        let ran = run(&[&["scripts/stop.sh"], args].concat(), Duration::from_secs(120));
        assert_eq!(ran.code, Some(0), "scripts/stop.sh: {}", ran.all());
        say(&format!("scripts/stop.sh took {:.0} s", begun.elapsed().as_secs_f64()));
    }

    /// `scripts/status.sh`
    pub fn status(&self) -> Ran {
        run(&["scripts/status.sh"], Duration::from_secs(60))
    }

    /// `docker compose …`, which must go well.
    pub fn compose(&self, args: &[&str]) -> String {
        let ran = docker::compose(args, Duration::from_secs(120));
        ran.ok().unwrap_or_else(|why| panic!("compose {}: {why}", args.join(" ")))
    }

    /// The containers of the stack, by service and name.
    pub fn containers(&self) -> Vec<Container> {
        containers()
    }

    /// The containers of a service.
    pub fn of(&self, service: &str) -> Vec<Container> {
        containers().into_iter().filter(|container| container.service == service).collect()
    }

    /// The only container of a service.
    pub fn one(&self, service: &str) -> Container {
        let [one] = <[Container; 1]>::try_from(self.of(service)).expect("one container");
        one
    }

    /// A client on its network.
    pub fn client(&self) -> Client {
        Client::find_or_start(self.tier)
    }

    /// A load on it, through the virtual address; contacts are served when this returns.
    pub fn load(&self, name: &str) -> Load {
        Load::start(name, &self.of("api")[0], self.tier)
    }

    /// Sends a signal to every process of this program in a container.
    pub fn signal(&self, container: &Container, program: &str, signal: &str) {
        let script = format!(
            "for p in /proc/[0-9]*; do [ \"$(cat $p/comm 2>/dev/null)\" != {program} ] || \
             kill -s {signal} ${{p#/proc/}} || exit 1; done"
        );
        // Its own root has no right to signal other users' processes; another container's has.
        let (processes, image) = (format!("container:{}", container.id), self.tier.client_image());
        let line = ["run", "--rm", "--user", "0", "--network", "none", "--pid", &processes];
        let runs = ["--entrypoint", "bash", &image, "-c", &script];
        let ran = try_docker(&[&line[..], &runs].concat());
        // When the program's end is that of the container, whoever is among its processes ends, too (137).
        assert!(matches!(ran.code, Some(0 | 137)), "{program}: {}", ran.all());
    }

    /// Those that have the virtual address.
    pub fn holders(&self) -> Vec<Container> {
        let running = balancers(&containers());
        running.into_iter().filter(|lb| holds(&inside(lb))).collect()
    }

    /// The one that has the virtual address; there is always one, and only one.
    pub fn holder(&self) -> Container {
        let [one] = <[Container; 1]>::try_from(self.holders()).expect("one that has the address");
        one
    }

    /// The balancer that is not this one.
    pub fn other(&self, lb: &Container) -> Container {
        self.one(if lb.service == "lb1" { "lb2" } else { "lb1" })
    }

    /// Waits until the stack is as `start.sh` leaves it.
    pub fn whole(&self) {
        poll("whole stack", WHOLE, || self.is_whole());
    }

    /// What is missing, if anything is.
    pub fn is_whole(&self) -> Result<(), String> {
        let all = containers();
        for (service, count) in self.tier.services() {
            let of = || all.iter().filter(|container| container.service == service);
            if of().count() != count || of().any(|c| c.state != "running" || c.unhealthy) {
                return Err(format!("{service}: {:?}", of().collect::<Vec<_>>()));
            }
        }
        let inside: Vec<_> =
            balancers(&all).iter().map(|lb| (lb.service.clone(), inside(lb))).collect();
        let holders = inside.iter().filter(|(_, said)| holds(said)).count();
        if holders != 1 {
            return Err(format!("{holders} balancers have the virtual address"));
        }
        for (lb, said) in &inside {
            for (backend, count) in self.tier.backends() {
                let up = up(said, backend);
                if up.len() != count {
                    return Err(format!("{lb}: servers of {backend} that are up: {up:?}"));
                }
            }
        }
        self.data_is_whole()
    }

    /// Makes it whole, where it is not.
    pub(super) fn make_whole(&self) {
        if let Err(why) = self.is_whole() {
            say(&format!("the stack is not whole ({why}): starting it"));
            self.mend();
            self.whole();
        }
    }

    /// Gives back what a test that failed took away, and starts what is missing.
    fn mend(&self) {
        for container in containers() {
            match container.state.as_str() {
                "paused" => drop(docker::docker(&["unpause", &container.id])),
                "running" | "exited" if BALANCERS.contains(&container.service.as_str()) => {
                    let address =
                        setting(&format!("ACD_{}_ADDRESS", container.service.to_uppercase()));
                    let network = format!("{}_re_cluster", project());
                    // An error says that it is connected.
                    try_docker(&["network", "connect", "--ip", &address, &network, &container.id]);
                }
                _ => {}
            }
        }
        self.start();
    }

    /// Keeps what may tell why a test failed.
    pub(super) fn keep_evidence(&self, test: &str) {
        let directory = artifacts().join("stack").join(test.replace("::", "-"));
        fs::create_dir_all(&directory).unwrap();
        for container in containers() {
            let log = try_docker(&["logs", "--timestamps", "--tail", "2000", &container.id]);
            let _ = fs::write(directory.join(format!("{}.log", container.name)), log.all());
        }
        // It may hang where something is paused: a limit of its own, and no second failure.
        let status = catch_unwind(AssertUnwindSafe(|| self.status().all()));
        let _ = fs::write(directory.join("status.txt"), status.unwrap_or_default());
        say(&format!("what the containers said is in {}", directory.display()));
    }
}

/// Whether images may be built.
fn may_build() -> bool {
    std::env::var_os("ACD_TEST_BUILD").is_none_or(|value| value != "0")
}

/// The balancers that run.
fn balancers(all: &[Container]) -> Vec<Container> {
    let is_one = |c: &&Container| BALANCERS.contains(&&*c.service) && c.state == "running";
    all.iter().filter(is_one).cloned().collect()
}

/// A balancer's addresses, and what its HAProxy shows of its servers, in one go: each program that
/// Docker starts in a container takes a quarter of a second.
fn inside(lb: &Container) -> String {
    let script = "ip -4 -oneline address show; ask show stat";
    try_docker(&["exec", &lb.id, "sh", "-c", script]).out
}

/// Whether the virtual address is among these.
fn holds(addresses: &str) -> bool {
    addresses.contains(&format!(" {}/", setting("ACD_VIP")))
}

/// The servers of a backend that are up, in what `show stat` shows.
pub fn up(shown: &str, backend: &str) -> Vec<String> {
    let table = shown.lines().skip_while(|line| !line.starts_with("# "));
    let mut lines = table.map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().unwrap_or_default();
    let column = |name: &str| names.iter().position(|n| n.trim_start_matches("# ") == name);
    let (Some(server), Some(status)) = (column("svname"), column("status")) else {
        return Vec::new();
    };
    let of_it = lines.filter(|line| line.first() == Some(&backend) && line.len() > status);
    let ups = of_it.filter(|line| line[server] != "BACKEND" && line[status].starts_with("UP"));
    ups.map(|line| line[server].to_owned()).collect()
}
