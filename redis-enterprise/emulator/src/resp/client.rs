//! A client for the servers of the cluster itself: configuration store, sentinels, shards.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, bail};
use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{Command, Framer, Value};

/// A connection that has logged in. Not to be used again after an error.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    buffer: BytesMut,
    limit: Duration,
}

impl Client {
    /// Connects and logs in; `limit` bounds this and every later call.
    pub(crate) async fn connect(
        at: SocketAddr,
        secret: &str,
        limit: Duration,
    ) -> anyhow::Result<Self> {
        let stream = timeout(limit, TcpStream::connect(at)).await.context("connect")??;
        stream.set_nodelay(true)?;
        let mut client = Self { stream, buffer: BytesMut::new(), limit };
        match client.call(&["AUTH", secret]).await? {
            Value::Error(error) => bail!("{error}"),
            _ => Ok(client),
        }
    }

    /// Sends one command; an error reply is a value here.
    pub(crate) async fn call<A: AsRef<[u8]>>(&mut self, args: &[A]) -> anyhow::Result<Value> {
        let replies = self.calls(&[Command::new(args)]).await?;
        replies.into_iter().next().context("no reply")
    }

    /// Sends one command whose error reply is a failure.
    pub(crate) async fn ask<A: AsRef<[u8]>>(&mut self, args: &[A]) -> anyhow::Result<Value> {
        match self.call(args).await? {
            Value::Error(error) => bail!("{error}"),
            value => Ok(value),
        }
    }

    /// Sends commands at once.
    pub(crate) async fn calls(&mut self, commands: &[Command]) -> anyhow::Result<Vec<Value>> {
        let limit = self.limit;
        timeout(limit, self.exchange(commands)).await.context("no answer in time")?
    }

    async fn exchange(&mut self, commands: &[Command]) -> anyhow::Result<Vec<Value>> {
        for command in commands {
            self.stream.write_all(&command.wire).await?;
        }
        let mut replies = Vec::new();
        for _ in commands {
            replies.push(Value::read(&self.reply().await?)?);
        }
        Ok(replies)
    }

    async fn reply(&mut self) -> anyhow::Result<Bytes> {
        let mut framer = Framer::new();
        loop {
            if let Some(end) = framer.end(&self.buffer)? {
                return Ok(self.buffer.split_to(end).freeze());
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("connection closed");
            }
        }
    }
}
