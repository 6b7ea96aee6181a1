//! The servers of an open-source tier: what each says of itself, and whether all are as they should be.

use std::{collections::BTreeSet, fmt, time::Duration};

use super::{
    client::Client, docker::Container, poll, process::Process, settings::setting, stack::Stack,
    tier::Tier,
};

/// How long the servers may take to agree with one another again.
const AGREED: Duration = Duration::from_secs(90);
/// The redis-cli of the tier, whichever implementation's it is.
pub const CLI: &str = "acd-redis-cli";
/// Where the Sentinels listen.
const SENTINEL: u16 = 26379;
const SENTINELS: [&str; 3] = ["sentinel1", "sentinel2", "sentinel3"];

/// A server: Redis or Valkey.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Server {
    /// The service in whose container it runs.
    pub node: &'static str,
    /// Its address on the network of the stack.
    pub address: String,
    /// The port it listens on.
    pub port: u16,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.node, self.port)
    }
}

/// What a server says of itself.
#[derive(Clone, Debug)]
pub struct Said(String);

impl Said {
    /// A field of `INFO`.
    fn get(&self, name: &str) -> Option<&str> {
        let mut lines = self.0.lines();
        lines.find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':'))
    }

    /// It says that it is a primary.
    pub fn is_primary(&self) -> bool {
        self.get("role") == Some("master")
    }

    /// It copies this one, and the connection stands.
    pub fn follows(&self, primary: &Server) -> bool {
        self.get("role") == Some("slave")
            && self.get("master_link_status") == Some("up")
            && self.get("master_host") == Some(&primary.address)
            && self.get("master_port") == Some(&primary.port.to_string())
    }

    fn replicas(&self) -> usize {
        self.get("connected_slaves").and_then(|count| count.parse().ok()).unwrap_or(0)
    }
}

impl Client {
    /// What redis-cli gets from a server itself.
    pub fn ask(&self, server: &Server, command: &[&str]) -> String {
        let port = server.port.to_string();
        let line = ["timeout", "2", CLI, "-h", &server.address, "-p", &port];
        let ran = self.run(&[&line, command].concat());
        format!("{}{}", ran.out, ran.err).trim().replace('\r', "")
    }
}

impl Client {
    /// What redis-cli gets with each of these command lines, one after the other in one program: each
    /// that Docker starts in a container takes a quarter of a second.
    fn ask_all(&self, lines: &[String]) -> Vec<String> {
        let script = format!(
            "while read -r line; do timeout 1 {CLI} $line 2>&1 </dev/null; printf '\\036'; done <<END\n{}\nEND",
            lines.join("\n"),
        );
        let all = self.run(&["bash", "-c", &script]).out.replace('\r', "");
        let mut answers: Vec<String> = all.split('\u{1e}').map(str::to_owned).collect();
        answers.resize(lines.len(), String::new());
        answers
    }
}

impl Stack {
    /// Every server of the tier.
    pub fn servers(&self) -> Vec<Server> {
        let server =
            |(node, port): (&'static str, u16)| Server { node, address: address(node), port };
        self.tier().servers().into_iter().map(server).collect()
    }

    /// Its container.
    pub fn container(&self, server: &Server) -> Container {
        self.one(server.node)
    }

    /// What every server says of itself, at once; nothing where it does not answer.
    pub fn said(&self) -> Vec<(Server, Said)> {
        let answers = self.ask_servers("info replication");
        answers.into_iter().map(|(server, answer)| (server, Said(answer))).collect()
    }

    /// What every server answers to one command; nothing where it does not answer.
    fn ask_servers(&self, command: &str) -> Vec<(Server, String)> {
        let servers = self.servers();
        let ask =
            |Server { address, port, .. }: &Server| format!("-h {address} -p {port} {command}");
        let answers = self.client().ask_all(&servers.iter().map(ask).collect::<Vec<_>>());
        servers.into_iter().zip(answers).collect()
    }

    /// Those that say that they are primaries.
    pub fn primaries(&self) -> Vec<Server> {
        let said = self.said().into_iter();
        said.filter(|(_, said)| said.is_primary()).map(|(server, _)| server).collect()
    }

    /// Those that copy this one.
    pub fn followers(&self, primary: &Server) -> Vec<Server> {
        let said = self.said().into_iter();
        said.filter(|(_, said)| said.follows(primary)).map(|(server, _)| server).collect()
    }

    /// The primary that has this center's data.
    pub fn primary_of(&self, center: &str) -> Server {
        let mut primaries = self.primaries();
        if matches!(self.tier(), Tier::Cluster(_)) {
            primaries.retain(|primary| self.tag_of(primary, center).is_some());
        }
        let [one] = <[Server; 1]>::try_from(primaries).expect("one primary");
        one
    }

    /// The hash tag of a center's keys, if the server has them.
    pub fn tag_of(&self, server: &Server, center: &str) -> Option<String> {
        let pattern = format!("acd:{{*}}:{center}:config");
        let found = self.client().ask(server, &["--scan", "--pattern", &pattern]);
        let (_, rest) = found.split_once('{')?;
        rest.split_once('}').map(|(tag, _)| tag.to_owned())
    }

    /// Waits until this one is a replica, with a connection to its primary.
    pub fn becomes_replica(&self, server: &Server) {
        poll("return as a replica", AGREED, || {
            let all = self.said();
            let (_, said) = all.iter().find(|(other, _)| other == server).expect("a server");
            let primaries = all.iter().filter(|(_, said)| said.is_primary());
            let followed = primaries.filter(|(primary, _)| said.follows(primary)).count();
            if followed == 1 { Ok(()) } else { Err(format!("{server} says {said:?}")) }
        });
    }

    /// Waits until the data tier is as it should be, whoever is primary.
    pub fn agreed(&self) {
        poll("data tier that agrees", AGREED, || self.data_is_whole());
    }

    /// What is missing of the data tier, if anything is.
    pub(super) fn data_is_whole(&self) -> Result<(), String> {
        let (primaries, replicas) = match self.tier() {
            Tier::Enterprise => return Ok(()),
            Tier::Sentinel(_) => (1, 2),
            Tier::Cluster(_) => (3, 1),
            Tier::Single(_) => (1, 0),
        };
        let all = self.said();
        let mut there: Vec<_> = all.iter().filter(|(_, said)| said.is_primary()).collect();
        let described = || format!("{all:?}");
        if there.len() != primaries {
            return Err(format!("{} primaries: {}", there.len(), described()));
        }
        there.retain(|(primary, said)| {
            let followers = all.iter().filter(|(_, said)| said.follows(primary)).count();
            said.replicas() == replicas && followers == replicas
        });
        if there.len() != primaries {
            return Err(format!("not every primary has its replicas: {}", described()));
        }
        match self.tier() {
            Tier::Sentinel(_) => self.sentinels_agree(&there[0].0),
            Tier::Cluster(_) => self.cluster_agrees(),
            _ => Ok(()),
        }
    }

    /// Whether each Sentinel knows the others, and names this primary.
    fn sentinels_agree(&self, primary: &Server) -> Result<(), String> {
        let wanted =
            format!("status=ok,address={}:{},slaves=2,sentinels=3", primary.address, primary.port);
        let password = setting("SENTINEL_PASSWORD");
        let ask = |sentinel: &str| {
            let address = address(sentinel);
            format!("-h {address} -p {SENTINEL} --no-auth-warning -a {password} info sentinel")
        };
        for (sentinel, said) in SENTINELS.iter().zip(self.client().ask_all(&SENTINELS.map(ask))) {
            if !said.contains(&wanted) {
                return Err(format!("{sentinel} says {said:?}, not {wanted:?}"));
            }
        }
        Ok(())
    }

    fn cluster_agrees(&self) -> Result<(), String> {
        for (server, said) in self.ask_servers("cluster info") {
            if !["cluster_state:ok", "cluster_known_nodes:6", "cluster_size:3"]
                .iter()
                .all(|part| said.contains(part))
            {
                return Err(format!("{server} says {said}"));
            }
        }
        for (server, nodes) in self.ask_servers("cluster nodes") {
            if nodes.contains("fail") || nodes.contains("handshake") {
                return Err(format!("{server} says {nodes}"));
            }
        }
        Ok(())
    }

    /// Waits until each node of the cluster has a primary.
    pub fn at_home(&self) {
        poll("primary on each node", AGREED, || {
            let primaries = self.primaries();
            let nodes: BTreeSet<_> = primaries.iter().map(|primary| primary.node).collect();
            if nodes.len() == 3 { Ok(()) } else { Err(format!("{primaries:?}")) }
        });
    }

    /// `scripts/failover.sh`, which must go well.
    pub fn fail_over(&self, args: &[&str]) {
        let line = [&["scripts/failover.sh"], args].concat();
        let ran = Process::start(&line).wait(Duration::from_secs(90));
        assert_eq!(ran.code, Some(0), "scripts/failover.sh {args:?}: {}", ran.all());
    }
}

/// The fixed address of a service.
pub fn address(service: &str) -> String {
    setting(&format!("{}_ADDRESS", service.to_uppercase()))
}

/// A `redis+sentinel://` URL, without a balancer.
pub fn sentinel_url(service: &str) -> String {
    let hosts = SENTINELS.map(|name| format!("{}:{SENTINEL}", address(name)));
    let password = setting("SENTINEL_PASSWORD");
    format!("redis+sentinel://{}/{service}?sentinel_password={password}", hosts.join(","))
}
