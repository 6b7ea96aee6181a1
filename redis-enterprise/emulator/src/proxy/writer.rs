//! What goes back to a client: replies in the order of its commands, whoever gives them.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, bail};
use bytes::{Bytes, BytesMut};
use tokio::{
    io::AsyncWriteExt,
    net::tcp::OwnedWriteHalf,
    sync::{mpsc, watch},
    time::{Instant, sleep},
};

use super::{
    backend::FromShard,
    merge::{Merge, error},
};
use crate::{app::App, faults::Fault, resp::Framer};

/// How long a reply is held back while the sentinels don't say who is primary.
const CONFIRM_WITHIN: Duration = Duration::from_secs(3);
const FLUSH_AT: usize = 64 * 1024;
/// The text of the fault `plain-errors`. What the real proxy says is not published.
pub(super) const UNREACHABLE: &str = "ERR the shard can't be reached (emulated fault)";

/// What is to be written next.
#[derive(Debug)]
pub(super) enum Pending {
    /// This.
    Ready(Bytes),
    /// Nothing: the connection to a shard is new.
    Open(usize, FromShard),
    /// The next reply of a shard.
    Reply(usize),
    /// Nothing: so many replies of a shard are not for the client.
    Skip(usize, usize),
    /// One made of the next replies of these shards.
    Merged(Vec<usize>, Merge),
    /// From now on, whatever a shard says.
    Tunnel(usize),
}

pub(super) struct Writer {
    app: Arc<App>,
    groups: Vec<String>,
    pending: mpsc::Receiver<Pending>,
    output: OwnedWriteHalf,
    buffer: BytesMut,
    shards: Vec<Option<FromShard>>,
    moves: watch::Receiver<()>,
}

impl Writer {
    pub(super) fn new(
        app: &Arc<App>,
        groups: Vec<String>,
        pending: mpsc::Receiver<Pending>,
        output: OwnedWriteHalf,
    ) -> Self {
        Self {
            app: Arc::clone(app),
            shards: groups.iter().map(|_| None).collect(),
            groups,
            pending,
            output,
            buffer: BytesMut::new(),
            moves: app.moves.subscribe(),
        }
    }

    /// Writes until there will be nothing more.
    pub(super) async fn run(mut self) -> anyhow::Result<()> {
        loop {
            let next = if let Ok(next) = self.pending.try_recv() {
                Some(next)
            } else {
                self.flush().await?;
                self.pending.recv().await
            };
            match next {
                None => return self.flush().await,
                Some(Pending::Ready(reply)) => self.buffer.extend_from_slice(&reply),
                Some(Pending::Open(shard, from)) => self.shards[shard] = Some(from),
                Some(Pending::Reply(shard)) => {
                    let reply = self.reply(shard).await?;
                    self.buffer.extend_from_slice(&reply);
                }
                Some(Pending::Skip(shard, count)) => {
                    for _ in 0..count {
                        self.reply(shard).await?;
                    }
                }
                Some(Pending::Merged(shards, merge)) => {
                    let mut replies = Vec::with_capacity(shards.len());
                    for shard in shards {
                        replies.push(self.reply(shard).await?);
                    }
                    self.buffer.extend_from_slice(&merge.merge(&replies));
                }
                Some(Pending::Tunnel(shard)) => loop {
                    let reply = self.confirmed_reply(shard).await?;
                    self.buffer.extend_from_slice(&reply);
                    self.flush().await?;
                },
            }
            if self.buffer.len() > FLUSH_AT {
                self.flush().await?;
            }
        }
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        if !self.buffer.is_empty() {
            self.output.write_all(&self.buffer).await?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// The next reply of a shard. With the fault `plain-errors` a reply that does not come is an error
    /// of the shard; else the connection to the client ends.
    async fn reply(&mut self, shard: usize) -> anyhow::Result<Bytes> {
        match self.confirmed_reply(shard).await {
            Err(why) if self.app.faults.has(Fault::PlainErrors) => {
                tracing::debug!(why = format!("{why:#}"), "answered with a plain error");
                if let Some(from) = self.shards[shard].take() {
                    from.give_up();
                }
                Ok(error(UNREACHABLE))
            }
            reply => reply,
        }
    }

    /// The next reply of a shard, which was its primary when it gave it. Fails when it no longer
    /// is: what it answered, or would have, may not hold, so the client must not hear it.
    async fn confirmed_reply(&mut self, shard: usize) -> anyhow::Result<Bytes> {
        let mut framer = Framer::new();
        loop {
            let from = self.shards[shard].as_mut().context("no such connection")?;
            if let Some(reply) = from.ready(&mut framer)? {
                self.confirm(shard).await?;
                return Ok(reply);
            }
            self.flush().await?;
            let from = self.shards[shard].as_mut().context("no such connection")?;
            let (app, group, primary) = (&self.app, &self.groups[shard], from.primary);
            let stays = || app.view().last_primary(group).is_none_or(|now| now.is_same(primary));
            tokio::select! {
                more = from.more() => more?,
                // The sender lives as long as the node.
                _ = self.moves.changed() => if !stays() {
                    bail!("the primary of {group} is another one now");
                }
            }
        }
    }

    async fn confirm(&self, shard: usize) -> anyhow::Result<()> {
        let from = self.shards[shard].as_ref().context("no such connection")?;
        let group = &self.groups[shard];
        let until = Instant::now() + CONFIRM_WITHIN;
        loop {
            match self.app.view().primary(group) {
                Some(now) if now.is_same(from.primary) => return Ok(()),
                Some(_) => bail!("the primary of {group} is another one now"),
                None if Instant::now() > until => bail!("who is primary of {group} is not known"),
                None => sleep(Duration::from_millis(10)).await,
            }
        }
    }
}
