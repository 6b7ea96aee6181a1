//! A connection of one client to one shard. Each client has its own, so one that blocks, waits or
//! watches keys holds up nobody else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::timeout,
};

use crate::{
    resp::{Command, Framer, Value},
    view::Primary,
};

const CONNECT: Duration = Duration::from_millis(500);

/// What both halves know of their connection.
#[derive(Debug, Default)]
struct State {
    /// Replies that are still to come.
    owed: AtomicUsize,
    /// It is broken, and nothing more comes of it.
    lost: AtomicBool,
}

/// The half that commands go into.
#[derive(Debug)]
pub(super) struct ToShard {
    half: OwnedWriteHalf,
    buffer: BytesMut,
    /// Whom it leads to.
    pub(super) primary: Primary,
    state: Arc<State>,
}

/// The half that replies come out of.
#[derive(Debug)]
pub(super) struct FromShard {
    half: OwnedReadHalf,
    buffer: BytesMut,
    pub(super) primary: Primary,
    state: Arc<State>,
}

/// Connects to a primary and makes sure that it is one.
pub(super) async fn open(
    primary: Primary,
    secret: &str,
    resp3: bool,
) -> anyhow::Result<(ToShard, FromShard)> {
    timeout(CONNECT, connect(primary, secret, resp3)).await.context("the shard is silent")?
}

async fn connect(
    primary: Primary,
    secret: &str,
    resp3: bool,
) -> anyhow::Result<(ToShard, FromShard)> {
    let stream = TcpStream::connect(primary.at).await?;
    stream.set_nodelay(true)?;
    let (read, write) = stream.into_split();
    let state = Arc::new(State::default());
    let buffer = BytesMut::new();
    let mut to = ToShard { half: write, buffer, primary, state: Arc::clone(&state) };
    let mut from = FromShard { half: read, buffer: BytesMut::new(), primary, state };
    to.push(&Command::new(&["AUTH", secret]).wire, 1);
    to.push(&Command::new(&["ROLE"]).wire, 1);
    if resp3 {
        to.push(&Command::new(&["HELLO", "3"]).wire, 1);
    }
    to.flush().await?;
    let logged_in = from.whole_reply().await?;
    ensure!(logged_in.starts_with(b"+"), "the shard does not let us in");
    let role = Value::read(&from.whole_reply().await?)?;
    let is_primary = role.items().first().and_then(Value::text).as_deref() == Some("master");
    ensure!(is_primary, "the shard is no primary");
    if resp3 {
        from.whole_reply().await?;
    }
    Ok((to, from))
}

impl ToShard {
    /// Adds a command that gives `replies` replies.
    pub(super) fn push(&mut self, wire: &Bytes, replies: usize) {
        self.buffer.extend_from_slice(wire);
        self.state.owed.fetch_add(replies, Ordering::Relaxed);
    }

    /// Whether replies are still to come.
    pub(super) fn is_owed(&self) -> bool {
        self.state.owed.load(Ordering::Relaxed) > 0
    }

    /// Whether the reading half has given the connection up.
    pub(super) fn is_lost(&self) -> bool {
        self.state.lost.load(Ordering::Relaxed)
    }

    /// Sends what was added.
    pub(super) async fn flush(&mut self) -> std::io::Result<()> {
        if !self.buffer.is_empty() {
            self.half.write_all(&self.buffer).await?;
            self.buffer.clear();
        }
        Ok(())
    }
}

impl FromShard {
    /// A reply that is there already.
    pub(super) fn ready(&mut self, framer: &mut Framer) -> anyhow::Result<Option<Bytes>> {
        let Some(end) = framer.end(&self.buffer)? else { return Ok(None) };
        // Of messages that nobody asked for none is owed.
        let one_less = |owed: usize| Some(owed.saturating_sub(1));
        let _ = self.state.owed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        Ok(Some(self.buffer.split_to(end).freeze()))
    }

    /// Gives the connection up: what is owed does not come.
    pub(super) fn give_up(self) {
        self.state.lost.store(true, Ordering::Relaxed);
    }

    /// Waits for more.
    pub(super) async fn more(&mut self) -> anyhow::Result<()> {
        ensure!(self.half.read_buf(&mut self.buffer).await? > 0, "the shard closed the connection");
        Ok(())
    }

    async fn whole_reply(&mut self) -> anyhow::Result<Bytes> {
        let mut framer = Framer::new();
        loop {
            if let Some(reply) = self.ready(&mut framer)? {
                return Ok(reply);
            }
            self.more().await?;
        }
    }
}
