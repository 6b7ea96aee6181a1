//! Finds the primary of a Sentinel group by a majority of the sentinels' reports.
//!
//! The client library has an implementation of its own, which is not used here. It asks the sentinels
//! one after the other, so a sentinel that hangs delays every caller. It also takes the first answer,
//! which may come from a sentinel on the minority side of a network partition.

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
    /// The name of the group in the sentinels' configuration.
    service: String,
    /// The load balancer in front of the primary, if there is one. Without it, connections go to the
    /// address that the sentinels report.
    through: Option<Host>,
    /// Credentials and TLS settings for the sentinels.
    endpoint: Endpoint,
    /// Credentials and TLS settings for the servers that the sentinels monitor.
    servers: Endpoint,
    /// Number of replicas of the primary, unreachable ones included, by the latest reports.
    replicas: AtomicUsize,
    asked: tokio::sync::Mutex<Option<Asked>>,
    /// When the last query in the background started.
    looked: Mutex<Option<Instant>>,
}

/// A sentinel, and a connection to it that is reused by later queries.
struct SentinelClient {
    host: Host,
    open: Mutex<Option<MultiplexedConnection>>,
    /// The last query failed. No call waits for this sentinel until it answers again.
    silent: AtomicBool,
}

/// The reports of all sentinels, and when they were asked.
struct Asked {
    at: Instant,
    reports: Arc<[Report]>,
}

/// The state of the group as one sentinel reports it.
#[derive(Debug, PartialEq, Eq)]
struct Report {
    /// The address of the primary. A promoted replica is reported as soon as it is promoted.
    names: Host,
    /// The configuration epoch, incremented by each failover. A greater epoch is a newer report.
    epoch: u64,
    /// A failover has begun and no replica is promoted yet, or the primary changed while the sentinel
    /// was being asked.
    failover_in_progress: bool,
    /// Number of replicas of the primary, unreachable ones included.
    replicas: usize,
    /// Number of sentinels that this one knows, itself included.
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
            // The sentinels are asked at least once, because the number of replicas must be known.
            Some(balancer) if self.replicas.load(Relaxed) > 0 => balancer.clone(),
            Some(balancer) => self.primary().await.map(|_| balancer.clone())?,
            None => self.primary().await?,
        };
        let mut connection = self.servers.open(&host, response_timeout).await?;
        // A demoted primary would still serve reads, with stale data, so the role is checked.
        let mut who = redis::pipe();
        who.cmd("ROLE").cmd("CLIENT").arg("INFO");
        let (role, client): (Vec<Value>, String) = who.query_async(&mut connection).await?;
        match role.into_iter().next().map(redis::from_redis_value::<String>) {
            Some(Ok(role)) if role == "master" => {}
            _ => return Err(unknown("the server that the sentinels report is not a primary")),
        }
        let host = if self.through.is_some() { own_address(&client) } else { Some(host) };
        Ok(Peer { connection, host })
    }

    /// Number of replicas of the primary, unreachable ones included; at least one.
    pub(crate) fn replicas(&self) -> usize {
        self.replicas.load(Relaxed).max(1)
    }

    /// Asks all sentinels in the background, at most once in [`SENTINEL_CACHE`]. Sentinels that did not answer
    /// the last query are asked, too, so that they are used again once they answer.
    pub(crate) fn keep_fresh(self: &Arc<Self>) {
        {
            // A poisoned lock is used as it is: no panic can leave the value half updated.
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

    /// Whether a majority of the sentinels reports this server as the primary and none contradicts
    /// it. While that holds, no failover has begun that could lose what the server acknowledges. The
    /// sentinels are asked after this call starts.
    pub(crate) async fn is_undisputed_primary(&self, server: &Host) -> bool {
        let reports = self.reports_since(Instant::now()).await;
        stands(&reports, server, self.clients.len())
    }

    /// The server that a majority of the sentinels reports as the primary.
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

    /// The reports of a query that started at `instant` or later. Calls that arrive while a query is
    /// in flight share the next one.
    async fn reports_since(&self, instant: Instant) -> Arc<[Report]> {
        let mut asked = self.asked.lock().await;
        if let Some(last) = &*asked {
            if last.at >= instant {
                return Arc::clone(&last.reports);
            }
            tokio::time::sleep_until(last.at + SENTINEL_INTERVAL).await;
        }
        let at = Instant::now();
        // Sentinels that did not answer last time are left out, unless the rest is no majority.
        let mut clients: Vec<_> =
            self.clients.iter().filter(|client| !client.silent.load(Relaxed)).collect();
        if clients.len() * 2 <= self.clients.len() {
            clients = self.clients.iter().collect();
        }
        let answers = join_all(clients.into_iter().map(|client| self.ask(client))).await;
        let reports: Arc<[Report]> = answers.into_iter().filter_map(Result::ok).collect();
        let replicas = reports.iter().map(|report| report.replicas).max().unwrap_or(0);
        // Only a majority may lower the number: a lower one lets calls succeed with fewer replicas.
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
            // The sentinel may have been restarted since the connection was opened.
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
        let names = names.ok_or_else(|| unknown("the sentinels do not monitor this service"))?;
        Ok(report(names, &master))
    }
}

impl SentinelClient {
    fn kept(&self) -> Option<MultiplexedConnection> {
        // A poisoned lock is used as it is: no panic can leave the value half updated.
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, connection: Option<MultiplexedConnection>) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = connection;
    }
}

/// Combines the reply of SENTINEL GET-MASTER-ADDR-BY-NAME (`names`) and that of SENTINEL MASTER.
fn report(names: Host, master: &HashMap<String, String>) -> Report {
    let get = |name| master.get(name).map_or("", String::as_str);
    let number = |name| get(name).parse().unwrap_or(0);
    // The two replies differ during a failover. GET-MASTER-ADDR-BY-NAME reports the promoted replica
    // from its promotion on. SENTINEL MASTER reports the old primary until the failover ends, which is
    // when the remaining replicas follow the new primary.
    let still = (get("ip"), get("port")) == (&*names.0, &*names.1.to_string());
    // Four cases, by the addresses and the flag `failover_in_progress` of SENTINEL MASTER:
    // - same address, no flag: no failover. The report counts.
    // - same address, flag: a replica is about to be promoted. The primary is not final.
    // - different addresses, flag: a replica has been promoted. GET-MASTER-ADDR-BY-NAME is final.
    // - different addresses, no flag: the primary changed between the two replies, which are not one
    //   snapshot. The report is treated like the second case.
    let failover_in_progress = still == get("flags").contains("failover_in_progress");
    // A missing or malformed number counts as 0; the sentinel itself is not in num-other-sentinels.
    let count = |name| usize::try_from(number(name)).unwrap_or(0);
    let (replicas, sentinels) = (count("num-slaves"), count("num-other-sentinels") + 1);
    Report { names, epoch: number("config-epoch"), failover_in_progress, replicas, sentinels }
}

/// Whether the reports confirm `server` as the primary:
///
/// - a majority of all sentinels reports it,
/// - no sentinel reports a failover in progress, and
/// - every report of another server has an older epoch (that sentinel was cut off).
///
/// `asked` is the number of sentinels in the URL; the group may have more.
fn stands(reports: &[Report], server: &Host, asked: usize) -> bool {
    // The majority is of the largest group that the URL or any sentinel knows.
    let all = reports.iter().map(|report| report.sentinels).max().unwrap_or(0).max(asked);
    let (for_it, against): (Vec<_>, Vec<_>) =
        reports.iter().partition(|report| report.names == *server);
    let newest = for_it.iter().map(|report| report.epoch).max();
    for_it.len() * 2 > all
        && reports.iter().all(|report| !report.failover_in_progress)
        && against.iter().all(|report| Some(report.epoch) < newest)
}

/// The server's own address, from the reply of CLIENT INFO.
fn own_address(client: &str) -> Option<Host> {
    let address = client.split_whitespace().find_map(|field| field.strip_prefix("laddr="))?;
    let (host, port) = address.rsplit_once(':')?;
    Some((host.trim_matches(['[', ']']).to_owned(), port.parse().ok()?))
}

/// Turns an error reply of a sentinel into a transient error: it concerns the sentinel, not the data.
/// Another sentinel may answer, or this one may soon.
fn refused(error: &RedisError) -> RedisError {
    let kind = ErrorKind::MasterNameNotFoundBySentinel;
    (kind, "a sentinel refused the query", error.to_string()).into()
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
