//! What servers do while something is broken, asked every 50 ms from within the network.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use super::{
    client::Client,
    data::{CLI, Server},
    poll,
    process::Process,
    say,
};

/// What ends a watch in the client's container.
const ROLES_OVER: &str = "/tmp/roles-over";
const WRITES_OVER: &str = "/tmp/writes-over";
/// How long one that ends may take.
const END: Duration = Duration::from_secs(30);

/// A watch over who is primary, and who takes writes.
pub struct Roles {
    client: Client,
    servers: Vec<Server>,
    process: Option<Process>,
}

/// How long the servers themselves took until one of them was in the lost one's place.
#[derive(Clone, Copy, Debug)]
pub struct Failover {
    /// Until it said that it is the primary.
    pub promoted: Duration,
    /// Until it took a write that it was asked for directly.
    pub writes: Duration,
}

impl Roles {
    /// Begins it. `tag` is a hash tag of which the servers have the slot.
    pub fn watch(client: Client, servers: Vec<Server>, tag: &str) -> Self {
        // One connection a question that is asked again and again: a new program each time would take
        // the processor from what is measured.
        let mut script = format!(
            "rm -f {ROLES_OVER}\n\
             watch() {{ local line last; while [ ! -e {ROLES_OVER} ]; do last=\n\
             while read -r line; do [ ! -e {ROLES_OVER} ] || break\n\
             [ \"$line\" = \"$last\" ] || {{ last=$line; echo \"$1:$2 $line\" >&2; }}\n\
             done < <({CLI} -h $1 -p $2 -r -1 -i 0.05 $3 2>/dev/null </dev/null |\n\
             grep --line-buffered -oE \"$4\")\n\
             sleep 0.05; done; }}\n"
        );
        for Server { address, port, .. } in &servers {
            let _ = writeln!(
                script,
                "watch {address} {port} 'info replication' '^role:[a-z]+' &\n\
                 watch {address} {port} 'set acd-test-watch:{{{tag}}} x' '^[A-Z]+' &"
            );
        }
        script += "wait";
        let process = client.script(&script);
        let this = Self { client, servers, process: Some(process) };
        poll("first words of every server", END, || {
            let heard = this.heard();
            let words = |server| heard.iter().filter(|(_, who, _)| who == server).count();
            if this.servers.iter().all(|server| words(server) >= 2) {
                Ok(())
            } else {
                Err(format!("{heard:?}"))
            }
        });
        this
    }

    /// Who said something new, and when.
    fn heard(&self) -> Vec<(Instant, Server, String)> {
        let lines = self.process.as_ref().map(Process::lines).unwrap_or_default();
        let word = |(at, line): (Instant, String)| {
            let (who, word) = line.split_once(' ')?;
            let named = |server: &&Server| format!("{}:{}", server.address, server.port) == who;
            Some((at, self.servers.iter().find(named)?.clone(), word.to_owned()))
        };
        lines.into_iter().filter_map(word).collect()
    }

    /// Who became primary after that, and when it said so.
    pub fn promoted_since(&self, since: Instant) -> Option<(Server, Instant)> {
        let heard = self.heard().into_iter();
        let mut promoted = heard.filter(|(at, _, word)| word == "role:master" && *at > since);
        promoted.next().map(|(at, server, _)| (server, at))
    }

    /// Waits until one is, and takes writes.
    pub fn promoted(&self, since: Instant, limit: Duration) -> Failover {
        let (server, promoted) = poll("promotion of a replica", limit, || {
            self.promoted_since(since).ok_or_else(|| format!("{:?}", self.heard()))
        });
        let writes = poll("write that it takes", limit, || {
            let heard = self.heard();
            let taken =
                heard.iter().find(|(at, who, word)| *at > since && *who == server && word == "OK");
            taken.map(|(at, ..)| *at).ok_or_else(|| format!("{heard:?}"))
        });
        let [promoted, writes] = [promoted, writes].map(|at| at.saturating_duration_since(since));
        say(&format!(
            "{server} is primary after {} ms, and takes writes after {} ms",
            promoted.as_millis(),
            writes.as_millis()
        ));
        Failover { promoted, writes }
    }
}

impl Drop for Roles {
    fn drop(&mut self) {
        end(&self.client, ROLES_OVER, self.process.take());
    }
}

/// A watch over a server that should take no write: one after the other is tried on it directly.
pub struct Writes {
    client: Client,
    process: Option<Process>,
}

/// A try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// It took the write.
    pub taken: bool,
    /// A replica has it.
    pub replicated: bool,
    /// What it said.
    pub said: String,
}

impl Writes {
    /// Begins it. `tag` is a hash tag of which the server has the slot.
    pub fn watch(client: Client, server: &Server, tag: &str) -> Self {
        let Server { address, port, .. } = server;
        let script = format!(
            "rm -f {WRITES_OVER}\n\
             while [ ! -e {WRITES_OVER} ]; do\n\
             said=$(printf 'SET acd-test:{{{tag}}} x\\nWAIT 1 300\\n' |\n\
             timeout 1 {CLI} -h {address} -p {port} 2>&1 | tr '\\r\\n' '  ')\n\
             echo \"tried $said\" >&2; sleep 0.05; done"
        );
        let process = client.script(&script);
        Self { client, process: Some(process) }
    }

    /// What came of those that we heard of after `since`, the last one last.
    pub fn tried(&self, since: Instant) -> Vec<Tried> {
        let lines = self.process.as_ref().map(Process::lines).unwrap_or_default();
        let word = |(at, line): (Instant, String)| {
            let said = line.strip_prefix("tried ")?.trim().to_owned();
            let taken = said.starts_with("OK");
            let replicated = taken && said.split_whitespace().nth(1).is_some_and(|n| n != "0");
            (at > since).then_some(Tried { taken, replicated, said })
        };
        lines.into_iter().filter_map(word).collect()
    }

    /// Waits until it refuses writes, and tells so.
    pub fn refused(&self, limit: Duration) {
        let since = Instant::now();
        poll("refusal of a write", limit, || match self.tried(since).last() {
            Some(last) if !last.taken && is_refusal(&last.said) => Ok(()),
            other => Err(format!("{other:?}")),
        });
    }
}

/// The server itself refused; nothing else went wrong.
fn is_refusal(said: &str) -> bool {
    ["NOREPLICAS", "READONLY", "CLUSTERDOWN", "MOVED", "MASTERDOWN"]
        .iter()
        .any(|code| said.contains(code))
}

impl Drop for Writes {
    fn drop(&mut self) {
        end(&self.client, WRITES_OVER, self.process.take());
    }
}

/// Ends what runs in the client's container: it would outlive the program that began it.
fn end(client: &Client, over: &str, process: Option<Process>) {
    let ended = client.run(&["touch", over]).code == Some(0);
    if let Some(process) = process.filter(|_| ended && !std::thread::panicking()) {
        process.wait(END);
    }
}
