//! A client of a database: its commands, one after the other.

mod answer;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{bail, ensure};
use bytes::{Bytes, BytesMut};
use tokio::{
    io::AsyncReadExt,
    net::{TcpStream, tcp::OwnedReadHalf},
    sync::mpsc,
    time::{Instant, sleep, timeout},
};

use super::{
    backend::{ToShard, open},
    local::{Client, ok},
    merge::{Merge, error},
    route::{Plan, Router},
    slots::Rules,
    transaction::Transaction,
    writer::{Pending, UNREACHABLE, Writer},
};
use crate::{
    app::App,
    faults::Fault,
    identity::Identity,
    resp::{Command, next_command},
};

/// How long a command waits for a shard that has no primary.
const WAIT_FOR_PRIMARY: Duration = Duration::from_secs(1);

static LAST_ID: AtomicU64 = AtomicU64::new(0);

/// Whether more commands follow.
#[derive(PartialEq, Eq)]
enum Next {
    Command,
    End,
}

pub(super) struct Session {
    app: Arc<App>,
    me: Arc<Identity>,
    bdb: u32,
    router: Router,
    groups: Vec<String>,
    client: Client,
    logged_in: bool,
    shards: Vec<Option<ToShard>>,
    transaction: Option<Transaction>,
    /// The slot of the keys that are watched.
    watching: Option<u16>,
    /// Commands without a reply that the client may have; more are not read.
    pipeline: usize,
    /// The client listens to a shard and talks to no other.
    tunnel: Option<usize>,
}

impl Session {
    /// None when the database is gone.
    pub(super) fn new(app: Arc<App>, me: Arc<Identity>, uid: u32) -> Option<Self> {
        let cluster = app.store.cluster();
        let bdb = cluster.bdbs.get(&uid)?;
        let firsts = cluster.shards_of(uid).filter(|(_, shard)| shard.first);
        let parts: Vec<_> = firsts.map(|(_, s)| (s.slots.1, s.group.clone())).collect();
        let (last_slots, groups): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        let rules = if bdb.sharding { Some(Rules::new(&bdb.shard_key_regex).ok()?) } else { None };
        let id = LAST_ID.fetch_add(1, Ordering::Relaxed) + 1;
        Some(Self {
            logged_in: bdb.password.is_none(),
            pipeline: usize::from(bdb.max_client_pipeline.max(1)),
            router: Router { rules, last_slots },
            shards: groups.iter().map(|_| None).collect(),
            groups,
            client: Client { id, name: Bytes::new(), resp3: false, library: Default::default() },
            transaction: None,
            watching: None,
            tunnel: None,
            app,
            me,
            bdb: uid,
        })
    }

    /// Serves the client until it leaves or something breaks.
    pub(super) async fn run(self, stream: TcpStream) -> anyhow::Result<()> {
        stream.set_nodelay(true)?;
        let (input, output) = stream.into_split();
        let (send, pending) = mpsc::channel(self.pipeline);
        let writer = Writer::new(&self.app, self.groups.clone(), pending, output).run();
        let mut writer = std::pin::pin!(writer);
        tokio::select! {
            ended = &mut writer => return ended,
            // What it answers is dropped with it, so the writer then ends, too.
            ended = self.read(input, send) => ended?,
        }
        timeout(WAIT_FOR_PRIMARY * 3, writer).await?
    }

    async fn read(
        mut self,
        mut input: OwnedReadHalf,
        send: mpsc::Sender<Pending>,
    ) -> anyhow::Result<()> {
        let mut buffer = BytesMut::with_capacity(16 * 1024);
        loop {
            match next_command(&mut buffer) {
                Ok(Some(command)) => {
                    if self.take(command, &send).await? == Next::End {
                        return self.flush().await;
                    }
                }
                Ok(None) => {
                    self.flush().await?;
                    ensure!(input.read_buf(&mut buffer).await? > 0, "the client left");
                }
                Err(malformed) => {
                    let reply = error(&format!("ERR {malformed}"));
                    self.say(&send, Pending::Ready(reply)).await?;
                    return self.flush().await;
                }
            }
        }
    }

    /// Hands the writer what it is to write.
    async fn say(&mut self, send: &mpsc::Sender<Pending>, what: Pending) -> anyhow::Result<()> {
        match send.try_send(what) {
            Ok(()) => Ok(()),
            Err(mpsc::error::TrySendError::Full(what)) => {
                // The writer may be waiting for what we have not sent yet.
                self.flush().await?;
                Ok(send.send(what).await?)
            }
            Err(error @ mpsc::error::TrySendError::Closed(_)) => Err(error.into()),
        }
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        for slot in &mut self.shards {
            let Some(shard) = slot else { continue };
            match shard.flush().await {
                Ok(()) => {}
                // The writer finds out by itself, and answers for what was lost.
                Err(_) if self.app.faults.has(Fault::PlainErrors) => *slot = None,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn take(
        &mut self,
        command: Command,
        send: &mpsc::Sender<Pending>,
    ) -> anyhow::Result<Next> {
        let name = command.word(0);
        if name == "QUIT" {
            self.say(send, Pending::Ready(ok())).await?;
            return Ok(Next::End);
        }
        if let Some(shard) = self.tunnel {
            let listens = name.ends_with("SUBSCRIBE") || name == "PING";
            ensure!(listens, "{name} while it listens");
            if let Some(to) = &mut self.shards[shard] {
                to.push(&command.wire, 1);
                to.flush().await?;
            }
            return Ok(Next::Command);
        }
        let ready = |reply: Bytes| Pending::Ready(reply);
        if !self.logged_in && name != "AUTH" && name != "HELLO" {
            self.say(send, ready(error("NOAUTH Authentication required."))).await?;
            return Ok(Next::Command);
        }
        let queues = !["EXEC", "DISCARD", "MULTI", "WATCH"].contains(&name.as_str());
        if let Some(transaction) = self.transaction.as_mut().filter(|_| queues) {
            let reply = match transaction.queue(&self.router, command) {
                Ok(()) => Bytes::from_static(b"+QUEUED\r\n"),
                Err(why) => error(&why),
            };
            self.say(send, ready(reply)).await?;
            return Ok(Next::Command);
        }
        match self.router.plan(&command) {
            Plan::Local => self.answer(&name, &command, send).await?,
            Plan::Refuse(why) => self.say(send, ready(error(&why))).await?,
            Plan::Any => self.pass(0, &command, send).await?,
            Plan::Shard { shard, .. } => self.pass(shard, &command, send).await?,
            Plan::All(merge) => {
                let all = (0..self.shards.len()).map(|shard| (shard, command.clone())).collect();
                self.spread(all, merge, send).await?;
            }
            Plan::Spread(parts, merge) => self.spread(parts, merge, send).await?,
            Plan::Tunnel(shard) => {
                if self.reach(shard, send).await? {
                    self.push(shard, &command, 1);
                    self.tunnel = Some(shard);
                    self.say(send, Pending::Tunnel(shard)).await?;
                }
            }
        }
        Ok(Next::Command)
    }

    /// Sends a command to one shard.
    async fn pass(
        &mut self,
        shard: usize,
        command: &Command,
        send: &mpsc::Sender<Pending>,
    ) -> anyhow::Result<()> {
        if self.reach(shard, send).await? {
            self.push(shard, command, 1);
            self.say(send, Pending::Reply(shard)).await?;
        }
        Ok(())
    }

    async fn spread(
        &mut self,
        parts: Vec<(usize, Command)>,
        merge: Merge,
        send: &mpsc::Sender<Pending>,
    ) -> anyhow::Result<()> {
        // All can be reached before any is sent to.
        for (shard, _) in &parts {
            if !self.reach(*shard, send).await? {
                return Ok(());
            }
        }
        for (shard, command) in &parts {
            self.push(*shard, command, 1);
        }
        let shards = parts.into_iter().map(|(shard, _)| shard).collect();
        self.say(send, Pending::Merged(shards, merge)).await
    }

    fn push(&mut self, shard: usize, command: &Command, replies: usize) {
        if let Some(to) = &mut self.shards[shard] {
            to.push(&command.wire, replies);
        }
    }

    /// Makes sure of a connection to the present primary of a shard. When there is none the
    /// client is told (nothing was done), and this is false.
    async fn reach(&mut self, shard: usize, send: &mpsc::Sender<Pending>) -> anyhow::Result<bool> {
        let until = Instant::now() + WAIT_FOR_PRIMARY;
        loop {
            let plain = self.app.faults.has(Fault::PlainErrors);
            if plain && self.shards[shard].as_ref().is_some_and(ToShard::is_lost) {
                self.shards[shard] = None;
            }
            if let Some(primary) = self.app.view().primary(&self.groups[shard]) {
                if let Some(to) = &self.shards[shard] {
                    if to.primary.is_same(primary) {
                        return Ok(true);
                    }
                    if (to.is_owed() && !plain) || self.watching.is_some() {
                        bail!("the primary moved while the client waited for it");
                    }
                    self.shards[shard] = None;
                }
                match open(primary, &self.me.secret, self.client.resp3).await {
                    Ok((to, from)) => {
                        self.shards[shard] = Some(to);
                        self.say(send, Pending::Open(shard, from)).await?;
                        return Ok(true);
                    }
                    Err(error) => {
                        let error = format!("{error:#}");
                        tracing::debug!(group = self.groups[shard], error, "not reached");
                    }
                }
            }
            if plain {
                self.say(send, Pending::Ready(error(UNREACHABLE))).await?;
                return Ok(false);
            }
            if Instant::now() > until {
                let text = "MASTERDOWN the shard has no primary now (failover, or no quorum)";
                self.say(send, Pending::Ready(error(text))).await?;
                return Ok(false);
            }
            self.flush().await?;
            sleep(Duration::from_millis(20)).await;
        }
    }
}
