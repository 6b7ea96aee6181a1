//! What a node is told when it starts, and what is fixed.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use clap::Parser;

/// The database of the configuration: a real Redis of our own on every node.
pub(crate) const CCS_PORT: u16 = 3333;
/// The sentinel of a node.
pub(crate) const SENTINEL_PORT: u16 = 3334;
/// A shard's port is this and its number; the real one has its shards in 20000–29999, too.
pub(crate) const SHARD_PORTS: u16 = 20_000;
/// Where databases may be.
pub(crate) const DATABASE_PORTS: std::ops::RangeInclusive<u16> = 10_000..=19_999;
/// The version whose interface is emulated.
pub(crate) const SOFTWARE_VERSION: &str = "8.0.20-68";
/// What every answer calls itself.
pub(crate) const PRODUCT: &str = "Redis Enterprise EMULATOR";

/// How long a sentinel is without an answer before it takes a server for down.
pub(crate) const DOWN_AFTER: Duration = Duration::from_secs(1);
/// ms that a failover may take; one that failed is tried again after twice this.
pub(crate) const FAILOVER_TIMEOUT: &str = "2000";
/// How long what the sentinels said is held to be true. Shorter than `DOWN_AFTER`, so a node that
/// was paused or cut off stops serving before anybody else can have been promoted.
pub(crate) const LEASE: Duration = Duration::from_millis(800);

/// Stands in for one node of Redis Enterprise: REST API, console, `rladmin`, databases.
#[derive(Clone, Debug, Parser)]
#[command(name = "redis-enterprise-emulator", version)]
pub(crate) struct Settings {
    /// The volume with the data
    #[arg(long, env = "RE_PERSIST_DIR", default_value = "/var/opt/redislabs/persist")]
    pub(crate) persist: PathBuf,
    /// The volume with the logs
    #[arg(long, env = "RE_LOG_DIR", default_value = "/var/opt/redislabs/log")]
    pub(crate) log: PathBuf,
    /// Where the node keeps who it is: in the container, not on a volume, as the real one does
    #[arg(long, env = "RE_CONFIG_DIR", default_value = "/etc/opt/redislabs")]
    pub(crate) config: PathBuf,
    /// The redis-server to run
    #[arg(long, env = "RE_REDIS_SERVER", default_value = "redis-server")]
    pub(crate) redis_server: PathBuf,
    /// The file of the RedisJSON module, which every server of the node then loads; for documents of
    /// type JSON, as databases of Redis 8 have them in the real product
    #[arg(long, env = "RE_REDISJSON")]
    pub(crate) redisjson: Option<PathBuf>,
    /// Faults that a node has from its start on, separated by semicolons: see `fault help`
    #[arg(long, env = "RE_EMULATOR_FAULTS", default_value = "")]
    pub(crate) faults: String,
    /// Seconds that a node takes to start: refusing connections at first, then answering 503
    #[arg(long, env = "RE_START_SECONDS", default_value_t = 5.0)]
    pub(crate) start_seconds: f64,
    /// Days until the trial licence of a new cluster ends; 0 makes one that has ended
    #[arg(long, env = "RE_TRIAL_DAYS", default_value_t = 30)]
    pub(crate) trial_days: u32,
    /// The address of this node when the one who builds the cluster names none; by default the
    /// first that this machine has
    #[arg(long, env = "RE_NODE_ADDRESS")]
    pub(crate) address: Option<IpAddr>,
    /// What to log: a level or a tracing filter
    #[arg(long, env = "RE_EMULATOR_LOG", default_value = "info")]
    pub(crate) filter: String,
}

impl Settings {
    /// The address to use when none was given: the one that packets to elsewhere leave from.
    pub(crate) fn own_address(&self) -> IpAddr {
        let guess = || {
            let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
            // Nothing is sent: this only picks a route.
            socket.connect("192.0.2.1:9").ok()?;
            Some(socket.local_addr().ok()?.ip())
        };
        self.address.or_else(guess).unwrap_or(IpAddr::from([127, 0, 0, 1]))
    }

    /// Bytes of memory that this machine, or the container, has.
    #[expect(clippy::unused_self, reason = "a property of the node, as the others are")]
    pub(crate) fn memory(&self) -> u64 {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        // Version 2 of control groups, then version 1.
        let of_container = ["memory.max", "memory/memory.limit_in_bytes"]
            .into_iter()
            .find_map(|file| read(&format!("/sys/fs/cgroup/{file}")).trim().parse::<u64>().ok());
        let of_machine = read("/proc/meminfo").lines().find_map(|line| {
            let kib = line.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?;
            kib.trim().parse::<u64>().ok().map(|kib| kib * 1024)
        });
        let of_machine = of_machine.unwrap_or(4 << 30);
        of_container.map_or(of_machine, |limit| limit.min(of_machine))
    }
}
