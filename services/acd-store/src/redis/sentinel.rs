//! Which server takes writes, by the reports of the sentinels.
//!
//! Not the client library's own: that one asks the sentinels in turn, so that one that hangs holds
//! everybody up, and takes the first answer, which may come from the side of a cut network that the
//! others have given up.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use futures_util::{StreamExt, future::join_all, stream::FuturesUnordered};
use redis::{ErrorKind, RedisError, RedisResult, Value, aio::MultiplexedConnection};
use tokio::time::{Instant, timeout_at};

use crate::{
    error::is_passing,
    limits::{SENTINEL_AGREEMENT, SENTINEL_CACHE, SENTINEL_INTERVAL},
    redis::endpoint::{Endpoint, Host, Peer, timed_out},
};

pub(crate) struct Sentinels {
    clients: Vec<SentinelClient>,
    /// What they call the group.
    service: String,
    /// Where the primary is reached, if not where it is: at a balancer.
    through: Option<Host>,
    /// The way to the sentinels, and to the servers they watch.
    endpoint: Endpoint,
    servers: Endpoint,
    /// How many replicas the primary has or should have, by what was heard last.
    replicas: AtomicUsize,
    asked: tokio::sync::Mutex<Option<Asked>>,
    /// When all of them were asked again in the background.
    looked: Mutex<Option<Instant>>,
}

/// The connection to a sentinel, kept for the next question.
struct SentinelClient {
    host: Host,
    open: Mutex<Option<MultiplexedConnection>>,
    /// It did not answer the last time. Nobody waits for it until it does again.
    silent: AtomicBool,
}

/// What all of them said, and when they were asked.
struct Asked {
    at: Instant,
    reports: Arc<[Report]>,
}

/// What a sentinel says.
#[derive(Debug, PartialEq, Eq)]
struct Report {
    /// The server that it takes for the primary: the one that was promoted, as soon as it was.
    names: Host,
    /// Counts failovers; the greater one is the newer report.
    epoch: u64,
    /// It is about to promote another, or was being told of it while it was asked.
    failover_in_progress: bool,
    replicas: usize,
    /// How many sentinels there are, itself among them.
    sentinels: usize,
}

impl Sentinels {
    pub(crate) fn new(
        hosts: Vec<Host>,
        service: String,
        through: Option<Host>,
        endpoint: Endpoint,
        servers: Endpoint,
    ) -> Self {
        let client =
            |host| SentinelClient { host, open: Mutex::default(), silent: AtomicBool::default() };
        Self {
            clients: hosts.into_iter().map(client).collect(),
            service,
            through,
            endpoint,
            servers,
            replicas: AtomicUsize::new(0),
            asked: tokio::sync::Mutex::default(),
            looked: Mutex::default(),
        }
    }

    /// A connection to the primary.
    pub(crate) async fn connect(&self, response_timeout: Duration) -> RedisResult<Peer> {
        let host = match &self.through {
            // How many replicas there are has to be known.
            Some(balancer) if self.replicas.load(Relaxed) > 0 => balancer.clone(),
            Some(balancer) => self.primary().await.map(|_| balancer.clone())?,
            None => self.primary().await?,
        };
        let mut connection = self.servers.open(&host, response_timeout).await?;
        // One that is a replica now would answer what only reads, with what was.
        let mut who = redis::pipe();
        who.cmd("ROLE").cmd("CLIENT").arg("INFO");
        let (role, client): (Vec<Value>, String) = who.query_async(&mut connection).await?;
        match role.into_iter().next().map(redis::from_redis_value::<String>) {
            Some(Ok(role)) if role == "master" => {}
            _ => return Err(unknown("the server that the sentinels name is no primary")),
        }
        let host = if self.through.is_some() { own_address(&client) } else { Some(host) };
        Ok(Peer { connection, host })
    }

    /// How many replicas the primary has or should have, those that are away included; at least one.
    pub(crate) fn replicas(&self) -> usize {
        self.replicas.load(Relaxed).max(1)
    }

    /// Asks them again, in the background and once in a while, also those that nobody waits for.
    pub(crate) fn keep_fresh(self: &Arc<Self>) {
        {
            // Nothing panics while it is held, and what it guards is whole at every moment.
            let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
            if looked.is_some_and(|at| at.elapsed() < SENTINEL_CACHE) {
                return;
            }
            *looked = Some(Instant::now());
        }
        let group = Arc::clone(self);
        #[expect(clippy::disallowed_methods, reason = "ends by itself within two seconds")]
        tokio::spawn(async move {
            group.reports_since(Instant::now() - SENTINEL_CACHE).await;
            let silent = group.clients.iter().filter(|client| client.silent.load(Relaxed));
            join_all(silent.map(|client| group.ask(client))).await;
        });
    }

    /// Whether this server is the primary and stays it, by the report of most sentinels and against
    /// nobody's: no failover has begun that its answers could get lost in. They are asked now.
    pub(crate) async fn is_undisputed_primary(&self, server: &Host) -> bool {
        let reports = self.reports_since(Instant::now()).await;
        stands(&reports, server, self.clients.len())
    }

    /// Whom most of them name.
    async fn primary(&self) -> RedisResult<Host> {
        let until = Instant::now() + SENTINEL_AGREEMENT;
        let mut asked: FuturesUnordered<_> =
            self.clients.iter().map(|client| self.ask(client)).collect();
        let mut votes: HashMap<Host, (usize, u64)> = HashMap::new();
        let mut failure = unknown("no sentinel answered in time");
        while let Ok(Some(answer)) = timeout_at(until, asked.next()).await {
            match answer {
                Ok(report) => {
                    self.replicas.fetch_max(report.replicas, Relaxed);
                    let (count, epoch) = votes.entry(report.names.clone()).or_default();
                    *count += 1;
                    *epoch = report.epoch.max(*epoch);
                    if *count * 2 > self.clients.len() {
                        return Ok(report.names);
                    }
                }
                Err(error) => failure = error,
            }
        }
        votes.into_iter().max_by_key(|(_, vote)| *vote).map(|(host, _)| host).ok_or(failure)
    }

    /// What they say when they are asked at this instant or later. Who comes while they are being
    /// asked waits for the next time, with all others who do.
    async fn reports_since(&self, instant: Instant) -> Arc<[Report]> {
        let mut asked = self.asked.lock().await;
        if let Some(last) = &*asked {
            if last.at >= instant {
                return Arc::clone(&last.reports);
            }
            tokio::time::sleep_until(last.at + SENTINEL_INTERVAL).await;
        }
        let at = Instant::now();
        let mut clients: Vec<_> =
            self.clients.iter().filter(|client| !client.silent.load(Relaxed)).collect();
        if clients.len() * 2 <= self.clients.len() {
            clients = self.clients.iter().collect();
        }
        let answers = join_all(clients.into_iter().map(|client| self.ask(client))).await;
        let reports: Arc<[Report]> = answers.into_iter().filter_map(Result::ok).collect();
        let replicas = reports.iter().map(|report| report.replicas).max().unwrap_or(0);
        if reports.len() * 2 > self.clients.len() {
            self.replicas.store(replicas, Relaxed);
        } else {
            self.replicas.fetch_max(replicas, Relaxed);
        }
        *asked = Some(Asked { at, reports: Arc::clone(&reports) });
        reports
    }

    async fn ask(&self, client: &SentinelClient) -> RedisResult<Report> {
        let until = Instant::now() + SENTINEL_AGREEMENT;
        let asked = timeout_at(until, async {
            // A connection that was kept may lead to a sentinel that has been started anew since.
            if let Some(mut kept) = client.kept()
                && let Ok(report) = self.question(&mut kept).await
            {
                return Ok(report);
            }
            client.keep(None);
            let mut connection = self.endpoint.open(&client.host, SENTINEL_AGREEMENT).await?;
            let report = self.question(&mut connection).await?;
            client.keep(Some(connection));
            Ok(report)
        });
        let answer = asked.await.unwrap_or_else(|_| Err(timed_out()));
        if answer.is_err() {
            client.keep(None);
        }
        client.silent.store(answer.is_err(), Relaxed);
        answer
    }

    async fn question(&self, connection: &mut MultiplexedConnection) -> RedisResult<Report> {
        let mut questions = redis::pipe();
        questions.cmd("SENTINEL").arg("GET-MASTER-ADDR-BY-NAME").arg(&self.service);
        questions.cmd("SENTINEL").arg("MASTER").arg(&self.service);
        let answers = questions.query_async(connection).await;
        let (names, master): (Option<Host>, HashMap<String, String>) =
            answers.map_err(|error| if is_passing(&error) { error } else { refused(&error) })?;
        let names = names.ok_or_else(|| unknown("the sentinels know no such service"))?;
        Ok(report(names, &master))
    }
}

impl SentinelClient {
    fn kept(&self) -> Option<MultiplexedConnection> {
        // Nothing panics while it is held, and what it guards is whole at every moment.
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, connection: Option<MultiplexedConnection>) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = connection;
    }
}

/// Of the address of the primary, and what SENTINEL MASTER says.
fn report(names: Host, master: &HashMap<String, String>) -> Report {
    let get = |name| master.get(name).map_or("", String::as_str);
    let number = |name| get(name).parse().unwrap_or(0);
    // It goes on calling the old one the master until all have followed, but names the new one.
    let still = (get("ip"), get("port")) == (&*names.0, &*names.1.to_string());
    // Calling another one the master without a failover: two answers of two moments.
    let failover_in_progress = still == get("flags").contains("failover_in_progress");
    let count = |name| usize::try_from(number(name)).unwrap_or(0);
    let (replicas, sentinels) = (count("num-slaves"), count("num-other-sentinels") + 1);
    Report { names, epoch: number("config-epoch"), failover_in_progress, replicas, sentinels }
}

/// Whether `server` is the primary for most of all sentinels, none of which has a newer report or is
/// about to have one. An older one is no report against it: that sentinel was cut off. `asked` are those
/// that we know of; there may be more.
fn stands(reports: &[Report], server: &Host, asked: usize) -> bool {
    let all = reports.iter().map(|report| report.sentinels).max().unwrap_or(0).max(asked);
    let (for_it, against): (Vec<_>, Vec<_>) =
        reports.iter().partition(|report| report.names == *server);
    let newest = for_it.iter().map(|report| report.epoch).max();
    for_it.len() * 2 > all
        && reports.iter().all(|report| !report.failover_in_progress)
        && against.iter().all(|report| Some(report.epoch) < newest)
}

/// The server's own address, of what CLIENT INFO says.
fn own_address(client: &str) -> Option<Host> {
    let address = client.split_whitespace().find_map(|field| field.strip_prefix("laddr="))?;
    let (host, port) = address.rsplit_once(':')?;
    Some((host.trim_matches(['[', ']']).to_owned(), port.parse().ok()?))
}

/// Passing, for it is of the sentinel, not of the data: another may know, or this one soon.
fn refused(error: &RedisError) -> RedisError {
    let kind = ErrorKind::MasterNameNotFoundBySentinel;
    (kind, "a sentinel does not answer that", error.to_string()).into()
}

fn unknown(why: &'static str) -> RedisError {
    (ErrorKind::MasterNameNotFoundBySentinel, why).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(number: u8) -> Host {
        (format!("10.0.0.{number}"), 6379)
    }

    fn says(names: u8, epoch: u64, failover_in_progress: bool) -> Report {
        Report { names: server(names), epoch, failover_in_progress, replicas: 2, sentinels: 3 }
    }

    #[test]
    fn a_primary_stands_unless_somebody_knows_better() {
        let first = |reports: &[Report]| stands(reports, &server(1), 3);
        let here = || says(1, 4, false);
        assert!(first(&[here(), here(), here()]));
        assert!(first(&[here(), here()]), "one is away");
        assert!(!first(&[here()]), "most are away");
        assert!(first(&[here(), here(), says(2, 3, false)]), "one was cut off");
        assert!(!first(&[here(), here(), says(2, 5, false)]), "another was promoted");
        assert!(!first(&[here(), here(), says(1, 4, true)]), "another is about to be");
        assert!(!first(&[says(2, 5, false), says(2, 5, false), here()]));
        assert!(!stands(&[here()], &server(1), 1), "there are more than were asked");
    }

    #[test]
    fn a_failover_leaves_the_old_one_until_another_is_promoted() {
        let fields = [
            ("ip", "10.0.0.1"),
            ("port", "6379"),
            ("flags", "s_down,o_down,master,failover_in_progress"),
            ("config-epoch", "7"),
            ("num-slaves", "2"),
            ("num-other-sentinels", "2"),
        ];
        let mut master: HashMap<String, String> =
            fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(report(server(1), &master), says(1, 7, true));
        assert_eq!(report(server(2), &master), says(2, 7, false));
        master.insert("flags".to_owned(), "master".to_owned());
        assert_eq!(report(server(1), &master), says(1, 7, false));
        assert_eq!(report(server(2), &master), says(2, 7, true), "told between two answers");
    }

    #[test]
    fn a_server_tells_its_own_address() {
        let info = "id=3 addr=10.0.0.9:5 laddr=10.0.0.1:6379 fd=8 name=\n";
        assert_eq!(own_address(info), Some(server(1)));
        assert_eq!(own_address("laddr=[::1]:1"), Some(("::1".to_owned(), 1)));
        assert_eq!(own_address("id=3 addr=10.0.0.9:5"), None);
    }
}
