//! What the endpoint answers itself: logging in, the version of the protocol, transactions.

use bytes::Bytes;
use tokio::sync::mpsc;

use super::{
    super::{
        local::{hello, ok, wrong_number},
        merge::{bulk, error},
        transaction::{Transaction, one_slot},
        writer::Pending,
    },
    Session,
};
use crate::{crypto::same, resp::Command};

impl Session {
    /// Answers what is not for a shard.
    pub(super) async fn answer(
        &mut self,
        name: &str,
        command: &Command,
        send: &mpsc::Sender<Pending>,
    ) -> anyhow::Result<()> {
        let args = &command.args;
        let text = |at: usize| String::from_utf8_lossy(&args[at]).into_owned();
        let reply = match (name, args.len()) {
            ("PING", 1) => Bytes::from_static(b"+PONG\r\n"),
            ("PING" | "ECHO", 2) => bulk(&args[1]),
            ("AUTH", 2) => self.log_in("default", &text(1)),
            ("AUTH", 3) => self.log_in(&text(1), &text(2)),
            ("HELLO", _) => return self.hello(command, send).await,
            ("SELECT", 2) if &args[1][..] == b"0" => ok(),
            ("SELECT", 2) => error("ERR DB index is out of range"),
            ("CLIENT", 2..) => self.client.client(command),
            ("ACL", 2) if command.word(1) == "WHOAMI" => bulk(b"default"),
            ("ACL", _) => error("ERR ACL is not allowed on this database"),
            ("MULTI", 1) if self.transaction.is_some() => {
                error("ERR MULTI calls can not be nested")
            }
            ("MULTI", 1) => {
                let slot = self.watching;
                self.transaction = Some(Transaction { slot, ..Transaction::default() });
                ok()
            }
            ("EXEC", 1) => return self.exec(send).await,
            ("DISCARD", 1) if self.transaction.take().is_some() => {
                return self.unwatch(send).await;
            }
            ("DISCARD", 1) => error("ERR DISCARD without MULTI"),
            ("UNWATCH", 1) => return self.unwatch(send).await,
            ("WATCH", 2..) if self.transaction.is_some() => {
                error("ERR WATCH inside MULTI is not allowed")
            }
            ("WATCH", 2..) => match one_slot(&self.router, &args[1..], self.watching) {
                Ok(slot) => {
                    self.pass(self.router.shard(slot), command, send).await?;
                    self.watching = Some(slot);
                    return Ok(());
                }
                Err(why) => error(&why),
            },
            _ => wrong_number(name),
        };
        self.say(send, Pending::Ready(reply)).await
    }

    fn log_in(&mut self, user: &str, password: &str) -> Bytes {
        let cluster = self.app.store.cluster();
        let kept = cluster.bdbs.get(&self.bdb).and_then(|bdb| bdb.password.as_ref());
        match kept {
            None => error(
                "ERR AUTH <password> called without any password configured for the default user. \
                 Are you sure your configuration is correct?",
            ),
            Some(kept) if user == "default" && same(kept, password) => {
                self.logged_in = true;
                ok()
            }
            Some(_) => error("WRONGPASS invalid username-password pair or user is disabled."),
        }
    }

    async fn hello(
        &mut self,
        command: &Command,
        send: &mpsc::Sender<Pending>,
    ) -> anyhow::Result<()> {
        let asked = match hello(command) {
            Ok(asked) => asked,
            Err(why) => return self.say(send, Pending::Ready(error(why))).await,
        };
        if let Some((user, password)) = &asked.login {
            let reply = self.log_in(user, password);
            if reply.starts_with(b"-") {
                return self.say(send, Pending::Ready(reply)).await;
            }
        }
        if !self.logged_in {
            let text = "NOAUTH HELLO must be called with the client already authenticated, \
                        otherwise the HELLO <proto> AUTH <user> <pass> option can be used";
            return self.say(send, Pending::Ready(error(text))).await;
        }
        self.client.name = asked.name.unwrap_or_else(|| self.client.name.clone());
        let resp3 = asked.version.map_or(self.client.resp3, |version| version == 3);
        if resp3 != self.client.resp3 {
            self.client.resp3 = resp3;
            let switch = Command::new(&["HELLO", if resp3 { "3" } else { "2" }]);
            for shard in 0..self.shards.len() {
                if self.shards[shard].is_some() {
                    self.push(shard, &switch, 1);
                    self.say(send, Pending::Skip(shard, 1)).await?;
                }
            }
        }
        let greeting = self.client.greeting();
        self.say(send, Pending::Ready(greeting)).await
    }

    async fn unwatch(&mut self, send: &mpsc::Sender<Pending>) -> anyhow::Result<()> {
        if let Some(slot) = self.watching {
            let shard = self.router.shard(slot);
            self.pass(shard, &Command::new(&["UNWATCH"]), send).await?;
            self.watching = None;
            return Ok(());
        }
        self.say(send, Pending::Ready(ok())).await
    }

    async fn exec(&mut self, send: &mpsc::Sender<Pending>) -> anyhow::Result<()> {
        let Some(transaction) = self.transaction.take() else {
            return self.say(send, Pending::Ready(error("ERR EXEC without MULTI"))).await;
        };
        let shard = transaction.slot.map_or(0, |slot| self.router.shard(slot));
        if transaction.spoiled {
            if self.watching.take().is_some() {
                self.push(shard, &Command::new(&["UNWATCH"]), 1);
                self.say(send, Pending::Skip(shard, 1)).await?;
            }
            let text = "EXECABORT Transaction discarded because of previous errors.";
            return self.say(send, Pending::Ready(error(text))).await;
        }
        if !self.reach(shard, send).await? {
            self.watching = None;
            return Ok(());
        }
        self.watching = None;
        let count = transaction.commands.len();
        self.push(shard, &Command::new(&["MULTI"]), 1);
        for command in &transaction.commands {
            self.push(shard, command, 1);
        }
        self.push(shard, &Command::new(&["EXEC"]), 1);
        self.say(send, Pending::Skip(shard, count + 1)).await?;
        self.say(send, Pending::Reply(shard)).await
    }
}
