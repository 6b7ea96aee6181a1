//! The data tiers that the stack can stand on, and what belongs to each.

use super::settings::{find_in_file, setting};

/// What keeps the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The emulator of Redis Enterprise.
    Enterprise,
    /// A primary, two replicas, three Sentinels.
    Sentinel(Engine),
    /// Three primaries and their replicas, two servers a node.
    Cluster(Engine),
    /// One server.
    Single(Engine),
}

/// What the servers of an open-source tier are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Redis.
    Redis,
    /// Valkey.
    Valkey,
}

/// The ports of a cluster's servers. A primary and its replica have the same.
const CLUSTER_PORTS: [u16; 3] = [6381, 6382, 6383];
/// Which two of them each node has: the primary that is at home there, and another's replica.
const CLUSTER_NODES: [[u16; 2]; 3] = [
    [CLUSTER_PORTS[0], CLUSTER_PORTS[2]],
    [CLUSTER_PORTS[1], CLUSTER_PORTS[0]],
    [CLUSTER_PORTS[2], CLUSTER_PORTS[1]],
];

impl Tier {
    /// The tier of the stack that is there, as `.env` tells.
    pub fn chosen() -> Self {
        let engine = match find_in_file("ACD_REDIS_IMPL").as_deref() {
            Some("valkey") => Engine::Valkey,
            _ => Engine::Redis,
        };
        match find_in_file("ACD_DATA").as_deref() {
            Some("sentinel") => Self::Sentinel(engine),
            Some("cluster") => Self::Cluster(engine),
            Some("single") => Self::Single(engine),
            _ => Self::Enterprise,
        }
    }

    fn engine(self) -> Engine {
        match self {
            Self::Enterprise => Engine::Redis,
            Self::Sentinel(engine) | Self::Cluster(engine) | Self::Single(engine) => engine,
        }
    }

    /// What the scripts call it.
    fn data(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::Sentinel(_) => "sentinel",
            Self::Cluster(_) => "cluster",
            Self::Single(_) => "single",
        }
    }

    /// What it is called in figures and in the names of files.
    pub fn name(self) -> String {
        let on = if self.engine() == Engine::Valkey { "-valkey" } else { "" };
        format!("{}{on}", self.data())
    }

    /// What starts it.
    pub(super) fn start(self) -> Vec<&'static str> {
        let mut line = vec!["scripts/start.sh", "--data", self.data()];
        if self == Self::Enterprise {
            line.push("--emulator");
        }
        line
    }

    /// What starts it, of the environment.
    pub(super) fn environment(self) -> Vec<(String, String)> {
        let engine = if self.engine() == Engine::Valkey { "valkey" } else { "redis" };
        vec![("ACD_REDIS_IMPL".to_owned(), engine.to_owned())]
    }

    /// The services of its nodes, those that a node has in common in one list.
    pub fn nodes(self) -> Vec<Vec<&'static str>> {
        match self {
            Self::Enterprise => vec![vec!["re1"], vec!["re2"], vec!["re3"]],
            Self::Sentinel(_) => vec![
                vec!["redis1", "sentinel1"],
                vec!["redis2", "sentinel2"],
                vec!["redis3", "sentinel3"],
            ],
            Self::Cluster(_) => vec![vec!["redis1"], vec!["redis2"], vec!["redis3"]],
            Self::Single(_) => vec![vec!["redis1"]],
        }
    }

    /// How many containers there should be of each service.
    pub(super) fn services(self) -> Vec<(&'static str, usize)> {
        let common = [("lb1", 1), ("lb2", 1), ("api", 2), ("dispatcher", 2)];
        self.nodes().into_iter().flatten().map(|node| (node, 1)).chain(common).collect()
    }

    /// The backends of HAProxy, and how many servers of each should be up.
    pub(super) fn backends(self) -> Vec<(&'static str, usize)> {
        let data = match self {
            Self::Enterprise => vec![("console", 3), ("cluster", 3), ("database", 3)],
            Self::Sentinel(_) | Self::Single(_) => vec![("redis", 1)],
            Self::Cluster(_) => vec![("redis", 3)],
        };
        [vec![("api", 2)], data].concat()
    }

    /// Where clients find the data through the virtual address.
    pub fn port(self) -> u16 {
        match self {
            Self::Enterprise => 12000,
            Self::Cluster(_) => 7010,
            _ => 6379,
        }
    }

    /// The servers: what the node's container is called, and the port.
    pub(super) fn servers(self) -> Vec<(&'static str, u16)> {
        match self {
            Self::Enterprise => Vec::new(),
            Self::Sentinel(_) => {
                vec![("redis1", 6379), ("redis2", 6379), ("redis3", 6379)]
            }
            Self::Single(_) => vec![("redis1", 6379)],
            Self::Cluster(_) => ["redis1", "redis2", "redis3"]
                .into_iter()
                .zip(CLUSTER_NODES)
                .flat_map(|(node, ports)| ports.map(|port| (node, port)))
                .collect(),
        }
    }

    /// The image of which a client can be made: with bash and redis-cli.
    pub(super) fn client_image(self) -> String {
        match self {
            Self::Enterprise => setting("ACD_SETUP_IMAGE"),
            _ => setting("ACD_REDIS_IMAGE"),
        }
    }

    /// What a client needs to be let in.
    pub(super) fn password(self) -> String {
        setting(if self == Self::Enterprise { "RE_DATABASE_PASSWORD" } else { "REDIS_PASSWORD" })
    }
}
