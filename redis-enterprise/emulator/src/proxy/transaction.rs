//! MULTI and WATCH: all of a transaction is sent to its shard at once, when EXEC comes.

use super::route::{CROSSSLOT, Plan, Router};
use crate::resp::Command;

/// A transaction that is being queued.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    pub(super) commands: Vec<Command>,
    /// The one slot of all its keys, and of those that are watched.
    pub(super) slot: Option<u16>,
    /// A command was refused, so EXEC will be.
    pub(super) spoiled: bool,
}

impl Transaction {
    /// Queues a command, or says why not.
    pub(super) fn queue(&mut self, router: &Router, command: Command) -> Result<(), String> {
        let queued = self.check(router, &command);
        match queued {
            Ok(slot) => {
                self.slot = self.slot.or(slot);
                self.commands.push(command);
                Ok(())
            }
            Err(why) => {
                self.spoiled = true;
                Err(why)
            }
        }
    }

    fn check(&self, router: &Router, command: &Command) -> Result<Option<u16>, String> {
        let name = command.word(0);
        match router.plan(command) {
            Plan::Shard { slot, .. } if self.slot.is_some_and(|other| other != slot) => {
                Err(CROSSSLOT.into())
            }
            Plan::Shard { slot, .. } => Ok(Some(slot)),
            Plan::Any => Ok(None),
            Plan::Local if name == "PING" || name == "ECHO" => Ok(None),
            Plan::Refuse(why) => Err(why),
            Plan::Spread(..) => Err(CROSSSLOT.into()),
            Plan::Local | Plan::All(_) | Plan::Tunnel(_) => {
                Err(format!("ERR {name} is not allowed in a transaction on this database"))
            }
        }
    }
}

/// The slot of all of these keys together with `known`.
pub(super) fn one_slot(
    router: &Router,
    keys: &[bytes::Bytes],
    known: Option<u16>,
) -> Result<u16, String> {
    let mut slot = known;
    for key in keys {
        let of_key = router.slot(key).ok_or("ERR key matches none of the shard_key_regex")?;
        if slot.is_some_and(|other| other != of_key) {
            return Err(CROSSSLOT.into());
        }
        slot = Some(of_key);
    }
    slot.ok_or_else(|| "ERR wrong number of arguments for 'watch' command".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::slots::tests::default_rules;

    #[test]
    fn stays_in_one_slot() {
        let router = Router { rules: Some(default_rules()), last_slots: vec![8191, 16383] };
        let mut transaction = Transaction::default();
        let mut queue = |line: &str| {
            transaction.queue(&router, Command::new(&line.split(' ').collect::<Vec<_>>()))
        };
        assert_eq!(queue("PING"), Ok(()));
        assert_eq!(queue("SET {a}1 x"), Ok(()));
        assert_eq!(queue("INCR {a}2"), Ok(()));
        assert_eq!(queue("INCR {b}"), Err(CROSSSLOT.into()));
        assert!(queue("FLUSHALL").is_err());
        assert!(transaction.spoiled);
        assert_eq!(transaction.commands.len(), 3);
    }
}
