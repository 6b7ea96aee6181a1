//! A proxy stands between the store and Redis, as the proxies of Redis Enterprise do, and has faults.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use acd_core::{center::CenterSettings, contact::NewContact, ids::CenterId};
use acd_process::lifecycle::Lifecycle;
use acd_store::{RedisArgs, Refusal, Store, StoreError};
use acd_testing::RedisServer;
use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream, UnixStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
        unix,
    },
    sync::watch,
};

use crate::harness::skills;

/// What the proxy does with commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Each is answered with this line, and not carried out.
    Answers(&'static str),
    /// They are read and kept back until there is no fault.
    Holds,
}

/// A proxy on a port of its own, in front of a server of its own.
struct Proxy {
    _server: RedisServer,
    store: Store,
    center: CenterId,
    fault: watch::Sender<Fault>,
    held: Arc<AtomicUsize>,
    lifecycle: Lifecycle,
}

impl Proxy {
    async fn start() -> Self {
        let server = RedisServer::start().await.unwrap();
        let lifecycle = Lifecycle::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://{}", listener.local_addr().unwrap());
        let (fault, seen) = watch::channel(Fault::None);
        let held = Arc::new(AtomicUsize::new(0));
        lifecycle.spawn(accept(
            lifecycle.clone(),
            listener,
            server.socket(),
            seen,
            Arc::clone(&held),
        ));
        let store = Store::connect(&RedisArgs::at(&url), &lifecycle).await.unwrap();
        let center = CenterId::main();
        store.put_center(&center, &CenterSettings::default()).await.unwrap();
        Self { _server: server, store, center, fault, held, lifecycle }
    }

    async fn create(&self, id: &str) -> Result<bool, StoreError> {
        let id = id.parse().unwrap();
        let new = NewContact { id, skills: skills(&["x"]), priority: 0, attributes: None };
        self.store.create_contact(&self.center, &new).await.map(|stored| stored.created)
    }

    /// Begins a fault; it ends after this time.
    fn fails_for(&self, fault: Fault, time: Duration) {
        self.fault.send_replace(fault);
        let sender = self.fault.clone();
        self.lifecycle.spawn(async move {
            tokio::time::sleep(time).await;
            sender.send_replace(Fault::None);
        });
    }
}

async fn accept(
    lifecycle: Lifecycle,
    listener: TcpListener,
    socket: PathBuf,
    fault: watch::Receiver<Fault>,
    held: Arc<AtomicUsize>,
) {
    while let Ok((client, _)) = listener.accept().await {
        let server = UnixStream::connect(&socket).await.unwrap();
        lifecycle.spawn(relay(client, server, fault.clone(), Arc::clone(&held)));
    }
}

/// Passes on commands and answers until one side closes.
async fn relay(
    client: TcpStream,
    server: UnixStream,
    fault: watch::Receiver<Fault>,
    held: Arc<AtomicUsize>,
) {
    let (from_client, to_client) = client.into_split();
    let (mut from_server, to_server) = server.into_split();
    // The server's answers and those of a fault are written one at a time.
    let to_client = Arc::new(tokio::sync::Mutex::new(to_client));
    let answers = async {
        let mut buffer = [0; 16384];
        while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
            if to_client.lock().await.write_all(&buffer[..count]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = commands(from_client, to_server, &to_client, fault, &held) => {}
        () = answers => {}
    }
}

async fn commands(
    mut from_client: OwnedReadHalf,
    mut to_server: unix::OwnedWriteHalf,
    to_client: &tokio::sync::Mutex<OwnedWriteHalf>,
    mut fault: watch::Receiver<Fault>,
    held: &AtomicUsize,
) {
    let mut read = Vec::new();
    let mut kept = Vec::new();
    loop {
        let now = *fault.borrow_and_update();
        if now != Fault::Holds && !kept.is_empty() && to_server.write_all(&kept).await.is_ok() {
            kept.clear();
        }
        tokio::select! {
            changed = fault.changed() => if changed.is_err() { return },
            count = from_client.read_buf(&mut read) => if !matches!(count, Ok(1..)) { return },
        }
        while let Some(length) = command(&read) {
            let rest = read.split_off(length);
            let one = std::mem::replace(&mut read, rest);
            let now = *fault.borrow();
            match now {
                Fault::None => to_server.write_all(&one).await.unwrap_or_default(),
                Fault::Answers(line) => {
                    let line = format!("-{line}\r\n");
                    to_client.lock().await.write_all(line.as_bytes()).await.unwrap_or_default();
                }
                Fault::Holds => {
                    kept.extend(one);
                    held.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
    }
}

/// The length of the first command, an array of strings, if all of it is there.
fn command(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    let number = |at: &mut usize| -> Option<usize> {
        let end = bytes[*at..].windows(2).position(|pair| pair == b"\r\n")? + *at;
        let number = std::str::from_utf8(&bytes[*at + 1..end]).unwrap().parse().unwrap();
        *at = end + 2;
        Some(number)
    };
    for _ in 0..number(&mut at)? {
        at += number(&mut at)? + 2;
        if at > bytes.len() {
            return None;
        }
    }
    Some(at)
}

#[tokio::test]
async fn a_plain_error_of_a_proxy_is_retried_until_it_passes() {
    let proxy = Proxy::start().await;
    let begun = Instant::now();
    proxy.fails_for(Fault::Answers("ERR no shard for this key"), Duration::from_secs(2));
    assert!(proxy.create("patient").await.unwrap());
    assert!(begun.elapsed() > Duration::from_millis(1900), "it was not refused at all");
    assert!(proxy.store.consistency(&proxy.center).await.unwrap().consistent);
}

#[tokio::test]
async fn a_plain_error_that_lasts_is_unavailable() {
    let proxy = Proxy::start().await;
    proxy.fault.send_replace(Fault::Answers("ERR no shard for this key"));
    let mut bell = proxy.store.doorbell(0);
    let (created, rung) = tokio::join!(proxy.create("unlucky"), bell.wait(Duration::from_secs(1)));
    assert!(matches!(created, Err(StoreError::Unavailable(_))), "{created:?}");
    assert!(matches!(rung, Err(StoreError::Unavailable(_))), "{rung:?}");
}

#[tokio::test]
async fn a_command_that_is_wrong_is_told_at_once() {
    let proxy = Proxy::start().await;
    let mistakes = [
        "ERR wrong number of arguments for 'evalsha' command",
        "ERR user_script:3: no such variable script: 0a1b, on @user_script:3.",
        "WRONGTYPE Operation against a key holding the wrong kind of value",
    ];
    for line in mistakes {
        proxy.fault.send_replace(Fault::Answers(line));
        let begun = Instant::now();
        let answer = proxy.create("wrong").await;
        assert!(matches!(answer, Err(StoreError::Broken(_))), "{line}: {answer:?}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{line}: it was retried");
    }
    proxy.fault.send_replace(Fault::Answers("NO_CONTACT x"));
    let refused = proxy.store.read_contact(&proxy.center, &"nobody".parse().unwrap()).await;
    assert!(matches!(refused, Err(StoreError::Refused(Refusal::NoSuchContact))), "{refused:?}");
}

#[tokio::test]
async fn fewer_than_200_commands_of_a_connection_are_unanswered() {
    let proxy = Proxy::start().await;
    assert!(proxy.create("read").await.unwrap());
    let id = "read".parse().unwrap();
    // Well below the limit after which a call gives its connection up.
    proxy.fails_for(Fault::Holds, Duration::from_millis(300));
    let reads = join_all((0..600).map(|_| proxy.store.read_contact(&proxy.center, &id))).await;
    assert!(reads.iter().all(Result::is_ok), "{:?}", reads.iter().find(|read| read.is_err()));
    let held = proxy.held.load(Ordering::SeqCst);
    assert!((100..200).contains(&held), "{held} commands were unanswered");
}
