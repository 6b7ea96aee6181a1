//! Configuration files of the servers. Sentinel and the servers rewrite them when roles change.

use std::{
    fmt::Write,
    net::{IpAddr, SocketAddr},
    path::Path,
};

use crate::settings::{DOWN_AFTER, FAILOVER_TIMEOUT, SENTINEL_PORT};

/// A Redis server of ours.
#[derive(Debug)]
pub(crate) struct ServerConfig<'a> {
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
    pub(crate) secret: &'a str,
    pub(crate) dir: &'a Path,
    pub(crate) log: &'a Path,
    /// `everysec`, `always`, or none: nothing is kept.
    pub(crate) fsync: Option<&'a str>,
    /// Bytes; 0 is without limit.
    pub(crate) memory: u64,
    pub(crate) eviction: &'a str,
    pub(crate) replica_of: Option<SocketAddr>,
    /// The file of a module to load.
    pub(crate) module: Option<&'a Path>,
}

impl ServerConfig<'_> {
    /// The text of the file.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "port {port}\nbind {address}\nprotected-mode no\nrequirepass {secret}\nmasterauth {secret}\n\
             replica-announce-ip {address}\nreplica-announce-port {port}\ndir {dir}\n\
             logfile {log}\ndaemonize no\ndatabases 1\nsave \"\"\nmaxmemory {memory}\n\
             maxmemory-policy {eviction}\nrepl-diskless-sync-delay 0\nrepl-timeout 10\n\
             repl-ping-replica-period 1\nrepl-backlog-size 16mb\nshutdown-timeout 2\n\
             tcp-keepalive 10\n",
            port = self.port,
            secret = self.secret,
            address = self.address,
            dir = self.dir.display(),
            log = self.log.display(),
            memory = self.memory,
            eviction = self.eviction,
        );
        if let Some(fsync) = self.fsync {
            let _ = writeln!(text, "appendonly yes\nappendfsync {fsync}");
        }
        if let Some(module) = self.module {
            let _ = writeln!(text, "loadmodule {}", module.display());
        }
        replicate(&text, self.replica_of)
    }
}

/// The same configuration as replica of `primary`, or as a primary.
pub(crate) fn replicate(text: &str, primary: Option<SocketAddr>) -> String {
    let is_other = |line: &&str| !line.starts_with("replicaof ") && !line.starts_with("slaveof ");
    let mut kept: String =
        text.lines().filter(is_other).fold(String::new(), |kept, line| kept + line + "\n");
    if let Some(at) = primary {
        let _ = writeln!(kept, "replicaof {} {}", at.ip(), at.port());
    }
    kept
}

/// The sentinel's file: it knows the configuration store; the rest it is told while it runs.
pub(crate) fn sentinel_config(
    address: IpAddr,
    secret: &str,
    dir: &Path,
    log: &Path,
    store: SocketAddr,
    quorum: usize,
) -> String {
    format!(
        "port {SENTINEL_PORT}\nbind {address}\nprotected-mode no\nrequirepass {secret}\n\
         sentinel announce-ip {address}\nsentinel announce-port {SENTINEL_PORT}\n\
         dir {dir}\nlogfile {log}\ndaemonize no\n\
         sentinel monitor ccs {ip} {port} {quorum}\n\
         sentinel auth-pass ccs {secret}\n\
         sentinel down-after-milliseconds ccs {down}\n\
         sentinel failover-timeout ccs {FAILOVER_TIMEOUT}\n",
        dir = dir.display(),
        log = log.display(),
        ip = store.ip(),
        port = store.port(),
        down = DOWN_AFTER.as_millis(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_becomes_a_primary_and_back() {
        let text = "port 1\nreplicaof 10.0.0.1 3333\nsave \"\"\n";
        assert_eq!(replicate(text, None), "port 1\nsave \"\"\n");
        let at = "10.0.0.9:20001".parse().unwrap();
        assert_eq!(replicate(text, Some(at)), "port 1\nsave \"\"\nreplicaof 10.0.0.9 20001\n");
    }
}
