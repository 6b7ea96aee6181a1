//! What routing costs Redis, from `INFO commandstats`: time inside the server, without the network.
//!
//! Prints ratios of figures taken in one run. `cargo bench -p acd-store --bench redis_time`.
#![allow(missing_docs, reason = "a program")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a bench stops at what it did not expect, and prints figures"
)]

mod plot;

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use acd_core::{
    agent::{NewAgent, Presence, PresenceChange},
    center::CenterSettings,
    contact::{EndContact, NewContact},
    ids::{AgentId, CenterId, ContactId},
};
use acd_process::lifecycle::Lifecycle;
use acd_store::{RedisArgs, Store};
use acd_testing::{RedisServer, skills};
use futures_util::future::join_all;

/// How many calls are on their way at once.
const AT_ONCE: usize = 10;
/// Lifecycles in a measured run, after as many that warm up.
const CONTACTS: usize = 3000;
/// How often a pair of runs is made; the median ratio counts.
const REPEATS: usize = 5;

struct Bench {
    server: RedisServer,
    store: Store,
    center: CenterId,
    _lifecycle: Lifecycle,
}

impl Bench {
    async fn start() -> Self {
        let server = RedisServer::start().await.unwrap();
        let lifecycle = Lifecycle::new();
        let store = Store::connect(&RedisArgs::at(&server.url()), &lifecycle).await.unwrap();
        let center = CenterId::main();
        store.put_center(&center, &CenterSettings::default()).await.unwrap();
        Self { server, store, center, _lifecycle: lifecycle }
    }

    async fn agent(&self, name: &str, list: &[&str]) -> AgentId {
        let id: AgentId = name.parse().unwrap();
        let new = NewAgent {
            id: id.clone(),
            first_name: "Ada".into(),
            last_name: "Lovelace".into(),
            skills: skills(list),
            attributes: None,
            presence: Presence::Offline,
        };
        self.store.create_agent(&self.center, &new).await.unwrap();
        self.store.set_presence(&self.center, &id, &PresenceChange::READY).await.unwrap();
        id
    }

    async fn contact(&self, list: &[&str]) -> ContactId {
        let id = ContactId::generate();
        let new =
            NewContact { id: id.clone(), skills: skills(list), priority: 0, attributes: None };
        self.store.create_contact(&self.center, &new).await.unwrap();
        id
    }

    /// Fills in, many at a time: one after the other would take minutes.
    async fn many<F: Future<Output = ()>>(&self, count: usize, one: impl Fn(usize) -> F) {
        for from in (0..count).step_by(200) {
            join_all((from..count.min(from + 200)).map(&one)).await;
        }
    }

    /// Contacts that are created, dispatched as a dispatcher does it, and completed: some at a time,
    /// because a server that falls asleep between calls measures its waking up.
    async fn lifecycles(&self, count: usize) {
        let partition = self.store.partition_of(&self.center);
        for _ in 0..count / AT_ONCE {
            let ids = join_all((0..AT_ONCE).map(|_| self.contact(&["english", "billing"]))).await;
            let step = self.store.dispatch(partition, 100).await.unwrap();
            assert_eq!(step.assignments.len(), AT_ONCE);
            let end = |id| self.store.end_contact(&self.center, id, EndContact::Complete);
            join_all(ids.iter().map(end)).await.into_iter().for_each(|ended| drop(ended.unwrap()));
        }
    }

    fn reset(&self) {
        self.server.cli(&["CONFIG", "RESETSTAT"]).unwrap();
    }

    /// Microseconds of Redis for each lifecycle, by script.
    async fn cost_us(&self) -> f64 {
        self.lifecycles(CONTACTS / 4).await;
        self.reset();
        self.lifecycles(CONTACTS).await;
        spent_us(&self.server, |name| name == "evalsha") / CONTACTS as f64
    }
}

/// Microseconds in the commands that `count` accepts since the last reset.
fn spent_us(server: &RedisServer, count: impl Fn(&str) -> bool) -> f64 {
    let stats = server.cli(&["INFO", "commandstats"]).unwrap();
    let spent = stats.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("cmdstat_")?.split_once(':')?;
        let usec = rest.split(',').find_map(|part| part.strip_prefix("usec="))?;
        count(name).then(|| usec.parse::<f64>().unwrap())
    });
    spent.sum()
}

/// Everything the scripts sent to Redis while this listens, as words.
struct Monitor {
    child: Child,
}

impl Monitor {
    fn start(bench: &Bench) -> (Self, BufReader<std::process::ChildStdout>) {
        let mut child = Command::new("redis-cli")
            .arg("-s")
            .arg(bench.server.socket())
            .arg("MONITOR")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        lines.read_line(&mut String::new()).unwrap(); // OK: it listens now
        (Self { child }, lines)
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The words of a MONITOR line of a script's command.
fn words(line: &str) -> Option<Vec<String>> {
    let (_, command) = line.split_once(" lua] ")?;
    let mut words = Vec::new();
    for part in command.trim_end().strip_prefix('"')?.strip_suffix('"')?.split("\" \"") {
        words.push(part.replace("\\\"", "\"").replace("\\\\", "\\"));
    }
    Some(words)
}

/// What the commands that the scripts are made of cost when a client sends them one by one.
async fn bare_us() -> f64 {
    const COUNT: usize = 1000;
    let scripted = Bench::start().await;
    let (monitor, mut lines) = Monitor::start(&scripted);
    scripted
        .store
        .put_center(&scripted.center, &CenterSettings { open: Some(true), ..Default::default() })
        .await
        .unwrap();
    for n in 0..100 {
        scripted.agent(&format!("agent-{n}"), &["english", "billing", "sales"]).await;
    }
    scripted.server.cli(&["ECHO", "begin"]).unwrap();
    scripted.lifecycles(COUNT).await;
    scripted.server.cli(&["ECHO", "end"]).unwrap();
    let (mut commands, mut begin, mut line) = (Vec::new(), 0, String::new());
    while lines.read_line(&mut line).unwrap() > 0 && !line.contains("\"ECHO\" \"end\"") {
        if line.contains("\"ECHO\" \"begin\"") {
            begin = commands.len();
        }
        commands.extend(words(&line));
        line.clear();
    }
    drop(monitor);

    let plain = RedisServer::start().await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "a bare client is what is measured here")]
    let client = redis::Client::open(plain.url()).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let (setup, measured) = commands.split_at(begin);
    for part in [setup, measured] {
        plain.cli(&["CONFIG", "RESETSTAT"]).unwrap();
        for some in part.chunks(AT_ONCE) {
            let sent = some.iter().map(|command| {
                let mut connection = connection.clone();
                async move {
                    redis::cmd(&command[0]).arg(&command[1..]).exec_async(&mut connection).await
                }
            });
            join_all(sent).await.into_iter().for_each(|answer| answer.unwrap());
        }
    }
    println!("  {:.1} commands a contact", (commands.len() - begin) as f64 / COUNT as f64);
    spent_us(&plain, |name| !name.starts_with("config")) / COUNT as f64
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The n-th of the sets of one to four of 24 skills, in an order without pattern.
fn combination(n: usize) -> Vec<String> {
    let all: Vec<u32> = (1_u32..1 << 24).filter(|bits| bits.count_ones() <= 4).collect();
    let bits = all[(n * 7919) % all.len()];
    (0..24).filter(|i| bits & (1 << i) != 0).map(|i| format!("k{i:02}")).collect()
}

/// With how many waiting signatures freeing an agent is measured.
const SIGNATURES: [usize; 5] = [1, 10, 100, 1000, 10_000];

/// Who waits while an agent is freed.
#[derive(Clone, Copy)]
enum Waiting {
    /// Contacts that the agent can serve, each signature.
    All,
    /// Contacts that need two skills that the agent has, and one that it lacks.
    None,
}

/// Redis time of freeing an agent and taking up what follows, while contacts with `signatures`
/// different signatures wait.
async fn freed_us(signatures: usize, waiting: Waiting) -> f64 {
    const COUNT: usize = 300;
    let bench = Bench::start().await;
    let lists: Vec<Vec<String>> = match waiting {
        Waiting::All => (0..signatures).map(combination).collect(),
        Waiting::None => (0..signatures)
            .map(|n| {
                vec![format!("k0{}", n % 5), format!("k0{}", (n / 5 + n + 1) % 5), format!("s{n}")]
            })
            .collect(),
    };
    let each = COUNT / signatures + 2;
    bench
        .many(signatures * each, async |n| {
            let list: Vec<&str> = lists[n % signatures].iter().map(String::as_str).collect();
            bench.contact(&list).await;
        })
        .await;
    let own = match waiting {
        Waiting::All => (0..24).map(|i| format!("k{i:02}")).collect::<Vec<_>>(),
        Waiting::None => (0..5).map(|i| format!("k{i:02}")).collect(),
    };
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let agent = bench.agent("agent", &own).await;
    let partition = bench.store.partition_of(&bench.center);
    let away = PresenceChange { presence: Presence::NotReady, reason: None };
    for n in 0..COUNT {
        if n == COUNT / 4 {
            bench.reset();
        }
        let made = bench.store.dispatch(partition, 1000).await.unwrap().assignments;
        if let Some(one) = made.first() {
            let end = bench.store.end_contact(&bench.center, &one.contact, EndContact::Complete);
            end.await.unwrap();
        } else {
            for change in [&away, &PresenceChange::READY] {
                bench.store.set_presence(&bench.center, &agent, change).await.unwrap();
            }
        }
    }
    spent_us(&bench.server, |name| name == "evalsha") / (COUNT - COUNT / 4) as f64
}

/// Bytes of Redis for each waiting contact with two skills and no attributes.
async fn bytes_per_contact() -> f64 {
    const COUNT: usize = 50_000;
    let bench = Bench::start().await;
    bench.lifecycles(0).await;
    let used = || -> f64 {
        let info = bench.server.cli(&["INFO", "memory"]).unwrap();
        info.lines().find_map(|l| l.strip_prefix("used_memory:")).unwrap().trim().parse().unwrap()
    };
    let before = used();
    bench.many(COUNT, async |_| drop(bench.contact(&["english", "billing"]).await)).await;
    (used() - before) / COUNT as f64
}

/// A center in which lifecycles are measured: `agents` available, `stuck` contacts that wait for
/// a skill nobody has.
async fn center_with(agents: usize, stuck: usize) -> Bench {
    const SKILLS: [&str; 5] = ["english", "billing", "sales", "spanish", "refunds"];
    let bench = Bench::start().await;
    bench
        .many(agents, async |n| {
            // All have english; three in five have billing too.
            let list = ["english", SKILLS[1 + n % 4], SKILLS[1 + (n + n / 4) % 4]];
            let _ = bench.agent(&format!("agent-{n}"), &list).await;
        })
        .await;
    bench.many(stuck, async |n| drop(bench.contact(&[SKILLS[n % 5], "klingon"]).await)).await;
    bench
}

/// The median over pairs of runs, each pair made one right after the other.
async fn ratio(name: &str, limit: f64, plain: (usize, usize), loaded: (usize, usize)) {
    let (a, b) = (center_with(plain.0, plain.1).await, center_with(loaded.0, loaded.1).await);
    let mut pairs = Vec::new();
    for _ in 0..REPEATS {
        let (first, second) = (a.cost_us().await, b.cost_us().await);
        pairs.push((first, second, second / first));
    }
    let of = |f: fn(&(f64, f64, f64)) -> f64| median(pairs.iter().map(f).collect());
    println!(
        "{name}: {:.1} us / {:.1} us = {:.2} (at most {limit})",
        of(|p| p.1),
        of(|p| p.0),
        of(|p| p.2)
    );
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("Redis time of create + dispatch + complete, two skills, 100 agents");
    let mut ratios = Vec::new();
    for _ in 0..3 {
        let (scripts, bare) = (center_with(100, 0).await.cost_us().await, bare_us().await);
        println!("  scripts {scripts:.1} us, bare commands {bare:.1} us");
        ratios.push(scripts / bare);
    }
    println!("scripts / bare commands: {:.2} (at most 2.5)", median(ratios));
    ratio("with 100 000 waiting that nobody can serve / none", 1.1, (100, 0), (100, 100_000)).await;
    ratio("with 10 000 available agents / 100", 1.5, (100, 0), (10_000, 0)).await;
    let mut lines = Vec::new();
    for (name, waiting) in
        [("it can serve all", Waiting::All), ("it can serve none", Waiting::None)]
    {
        let mut line = Vec::new();
        for signatures in SIGNATURES {
            line.push(freed_us(signatures, waiting).await);
        }
        println!("freed agent, {name}, by waiting signatures (1000: at most 3)");
        for (signatures, us) in SIGNATURES.iter().zip(&line) {
            println!("  {signatures}: {us:.1} us = {:.2}", us / line[0]);
        }
        lines.push((name, line));
    }
    if let Some(file) = std::env::args().skip_while(|arg| arg != "--plot").nth(1) {
        // Cargo runs a bench in its package's folder.
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
        std::fs::write(file, plot::svg(&SIGNATURES, &lines)).unwrap();
    }
    println!(
        "bytes of Redis for a waiting contact: {:.0} (at most 1536)",
        bytes_per_contact().await
    );
}
