//! The stack: made by the project's own scripts, looked at as an operator looks at it.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Mutex, Once, PoisonError},
    time::{Duration, Instant},
};

use super::{
    client::Client,
    docker::{self, Container, containers, try_docker},
    load::Load,
    poll,
    process::{Process, Ran, run},
    say,
    settings::{artifacts, project, put_away, setting},
    tier::Tier,
};

/// A start from nothing, images included, on a slow machine.
const START: Duration = Duration::from_secs(540);
/// How long the stack may take to be whole again after a fault.
const WHOLE: Duration = Duration::from_secs(90);
const BALANCERS: [&str; 2] = ["lb1", "lb2"];
/// The tier for which the images have been built: those of Redis and Valkey have the same names.
static BUILT: Mutex<Option<Tier>> = Mutex::new(None);
/// The one stack, for whose turn it is.
pub(crate) struct Stack {
    tier: Tier,
}

/// Runs a test on the stack of this tier when it is its turn: the stack is whole before, and has to be
/// whole after.
pub(crate) fn on_tier(tier: Tier, name: &str, test: impl FnOnce(&Stack)) {
    on(tier, name, |stack| {
        if let Err(why) = stack.is_whole() {
            say(&format!("the stack is not whole ({why}): starting it"));
            stack.mend();
        }
        stack.whole();
        test(stack);
        stack.whole();
    });
}

/// Runs a test that sees to the stack itself.
pub(crate) fn on(tier: Tier, name: &str, test: impl FnOnce(&Stack)) {
    static TURN: Mutex<()> = Mutex::new(());
    if std::env::var_os("ACD_TEST_STACK").is_none_or(|value| value != "1") {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            say("SKIPPED, every test: it needs Docker and minutes; ACD_TEST_STACK=1 runs it");
        });
        return;
    }
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    say(&format!("== {}: {name}", tier.name()));
    let begun = Instant::now();
    put_away();
    let stack = Stack { tier };
    let tested = catch_unwind(AssertUnwindSafe(|| {
        stack.make_room();
        test(&stack);
    }));
    if let Err(panic) = tested {
        stack.keep_evidence(&format!("{} {name}", tier.name()));
        resume_unwind(panic);
    }
    say(&format!("{name}: {:.0} s", begun.elapsed().as_secs_f64()));
}

#[expect(clippy::unused_self, reason = "who has a Stack has the turn")]
impl Stack {
    /// What the stack stands on.
    pub(crate) fn tier(&self) -> Tier {
        self.tier
    }

    /// `scripts/start.sh`, which must go well.
    pub(crate) fn start(&self) {
        self.start_with(&[]);
    }

    /// The same with these settings in the environment.
    pub(crate) fn start_with(&self, settings: &[(String, String)]) {
        let begun = Instant::now();
        let ran = self.starting_with(settings).wait(START);
        assert_eq!(ran.code, Some(0), "scripts/start.sh: {}", ran.all());
        say(&format!("scripts/start.sh took {:.0} s", begun.elapsed().as_secs_f64()));
        *BUILT.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.tier);
    }

    /// `scripts/start.sh` on its way.
    pub(crate) fn starting(&self) -> Process {
        self.starting_with(&[])
    }

    /// It builds the images, unless `ACD_TEST_BUILD=0`; those of the other tiers once.
    fn starting_with(&self, settings: &[(String, String)]) -> Process {
        let mut line = self.tier.start();
        let never = std::env::var_os("ACD_TEST_BUILD").is_some_and(|value| value == "0");
        let built = *BUILT.lock().unwrap_or_else(PoisonError::into_inner) == Some(self.tier);
        if never || built && self.tier != Tier::Enterprise {
            line.push("--no-build");
        }
        Process::start_with(&line, &[&self.tier.environment(), settings].concat())
    }

    /// Removes a stack that stands on something else.
    fn make_room(&self) {
        let other = Tier::chosen();
        if other != self.tier && !containers().is_empty() {
            say(&format!("the stack that is there stands on {}: removing it", other.name()));
            self.stop(&["--volumes"]);
        }
    }

    /// `scripts/stop.sh`
    pub(crate) fn stop(&self, args: &[&str]) {
        // Nobody else may be on a network that is to be removed.
        Client::remove();
        let begun = Instant::now();
        let ran = run(&[&["scripts/stop.sh"], args].concat(), Duration::from_secs(120));
        assert_eq!(ran.code, Some(0), "scripts/stop.sh: {}", ran.all());
        say(&format!("scripts/stop.sh took {:.0} s", begun.elapsed().as_secs_f64()));
    }

    /// `scripts/status.sh`
    pub(crate) fn status(&self) -> Ran {
        run(&["scripts/status.sh"], Duration::from_secs(60))
    }

    /// `docker compose …`, which must go well.
    pub(crate) fn compose(&self, args: &[&str]) -> String {
        let ran = docker::compose(args, Duration::from_secs(120));
        ran.ok().unwrap_or_else(|why| panic!("compose {}: {why}", args.join(" ")))
    }

    /// The containers of the stack, by service and name.
    pub(crate) fn containers(&self) -> Vec<Container> {
        containers()
    }

    /// The containers of a service.
    pub(crate) fn of(&self, service: &str) -> Vec<Container> {
        containers().into_iter().filter(|container| container.service == service).collect()
    }

    /// The only container of a service.
    pub(crate) fn one(&self, service: &str) -> Container {
        let [one] = <[Container; 1]>::try_from(self.of(service)).expect("one container");
        one
    }

    /// A client on its network.
    pub(crate) fn client(&self) -> Client {
        Client::find_or_start(self.tier)
    }

    /// A load on it, through the virtual address; contacts are served when this returns.
    pub(crate) fn load(&self, name: &str) -> Load {
        Load::start(name, &self.of("api")[0], self.tier)
    }

    /// Sends a signal to every process of this program in a container.
    pub(crate) fn signal(&self, container: &Container, program: &str, signal: &str) {
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
    pub(crate) fn holders(&self) -> Vec<Container> {
        let address = format!(" {}/", setting("ACD_VIP"));
        let holds = |container: &Container| {
            let line = ["exec", &container.id, "ip", "-4", "-oneline", "address", "show"];
            try_docker(&line).out.contains(&address)
        };
        let balancers = BALANCERS.iter().flat_map(|lb| self.of(lb));
        balancers.filter(|lb| lb.state == "running").filter(holds).collect()
    }

    /// The one that has the virtual address; there is always one, and only one.
    pub(crate) fn holder(&self) -> Container {
        let [one] = <[Container; 1]>::try_from(self.holders()).expect("one that has the address");
        one
    }

    /// The balancer that is not this one.
    pub(crate) fn other(&self, lb: &Container) -> Container {
        self.one(if lb.service == "lb1" { "lb2" } else { "lb1" })
    }

    /// Waits until the stack is as `start.sh` leaves it.
    pub(crate) fn whole(&self) {
        poll("whole stack", WHOLE, || self.is_whole());
    }

    /// What is missing, if anything is.
    pub(crate) fn is_whole(&self) -> Result<(), String> {
        let all = containers();
        for (service, count) in self.tier.services() {
            let of = || all.iter().filter(|container| container.service == service);
            if of().count() != count || of().any(|c| c.state != "running" || c.unhealthy) {
                return Err(format!("{service}: {:?}", of().collect::<Vec<_>>()));
            }
        }
        let holders = self.holders();
        if holders.len() != 1 {
            return Err(format!("the virtual address is with {holders:?}"));
        }
        for lb in BALANCERS {
            let shown = try_docker(&["exec", &self.one(lb).id, "ask", "show", "stat"]).ok()?;
            for (backend, count) in self.tier.backends() {
                let up = up(&shown, backend);
                if up.len() != count {
                    return Err(format!("{lb}: servers of {backend} that are up: {up:?}"));
                }
            }
        }
        self.data_is_whole()
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
    fn keep_evidence(&self, test: &str) {
        let directory = artifacts().join("stack").join(test.replace(' ', "-"));
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

/// The servers of a backend that are up, in what `show stat` shows.
pub(crate) fn up(shown: &str, backend: &str) -> Vec<String> {
    let mut lines = shown.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().unwrap_or_default();
    let column = |name: &str| names.iter().position(|n| n.trim_start_matches("# ") == name);
    let (Some(server), Some(status)) = (column("svname"), column("status")) else {
        return Vec::new();
    };
    let of_it = lines.filter(|line| line.first() == Some(&backend) && line.len() > status);
    let ups = of_it.filter(|line| line[server] != "BACKEND" && line[status].starts_with("UP"));
    ups.map(|line| line[server].to_owned()).collect()
}
