//! What the endpoint itself knows of a connection: who the client is, and how it wants to talk.

use bytes::Bytes;

use super::merge::{array, bulk, error, integer};
use crate::resp::Command;

/// The client at the other end.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) id: u64,
    pub(super) name: Bytes,
    pub(super) resp3: bool,
    pub(super) library: [String; 2],
}

/// `+OK`.
pub(super) fn ok() -> Bytes {
    Bytes::from_static(b"+OK\r\n")
}

/// The error of a command with too few or too many words.
pub(super) fn wrong_number(name: &str) -> Bytes {
    error(&format!("ERR wrong number of arguments for '{}' command", name.to_ascii_lowercase()))
}

/// What a `HELLO` asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hello {
    /// The version of the protocol.
    pub(super) version: Option<u8>,
    /// User and password.
    pub(super) login: Option<(String, String)>,
    pub(super) name: Option<Bytes>,
}

/// Reads a `HELLO`.
pub(super) fn hello(command: &Command) -> Result<Hello, &'static str> {
    let mut hello = Hello::default();
    let args = &command.args;
    let text = |at: usize| args.get(at).map(|arg| String::from_utf8_lossy(arg).into_owned());
    if args.len() > 1 {
        hello.version = match &args[1][..] {
            b"2" => Some(2),
            b"3" => Some(3),
            _ => return Err("NOPROTO unsupported protocol version"),
        };
    }
    let mut at = 2;
    while at < args.len() {
        match (command.word(at).as_str(), text(at + 1), text(at + 2)) {
            ("AUTH", Some(user), Some(password)) => {
                hello.login = Some((user, password));
                at += 3;
            }
            ("SETNAME", Some(_), _) => {
                hello.name = Some(args[at + 1].clone());
                at += 2;
            }
            _ => return Err("ERR Syntax error in HELLO"),
        }
    }
    Ok(hello)
}

impl Client {
    /// The reply to a `HELLO`.
    pub(super) fn greeting(&self) -> Bytes {
        let version = if self.resp3 { 3 } else { 2 };
        let text = |text: &'static str| bulk(text.as_bytes());
        let pairs = [
            (text("server"), text("redis")),
            (text("version"), text("8.0.2")),
            (text("proto"), integer(version)),
            (text("id"), integer(i64::try_from(self.id).unwrap_or(0))),
            (text("mode"), text("standalone")),
            (text("role"), text("master")),
            (text("modules"), array(&[])),
        ];
        let body: Vec<Bytes> = pairs.into_iter().flat_map(|(name, value)| [name, value]).collect();
        let reply = array(&body);
        if !self.resp3 {
            return reply;
        }
        let parts = reply.strip_prefix(b"*14").unwrap_or(&reply);
        [&b"%7"[..], parts].concat().into()
    }

    /// The reply to a `CLIENT` command.
    pub(super) fn client(&mut self, command: &Command) -> Bytes {
        let sub = command.word(1);
        match (sub.as_str(), command.args.get(2), command.args.get(3)) {
            ("ID", None, _) => integer(i64::try_from(self.id).unwrap_or(0)),
            ("GETNAME", None, _) if self.name.is_empty() && self.resp3 => {
                Bytes::from_static(b"_\r\n")
            }
            ("GETNAME", None, _) if self.name.is_empty() => Bytes::from_static(b"$-1\r\n"),
            ("GETNAME", None, _) => bulk(&self.name),
            ("SETNAME", Some(name), None) => {
                if name.iter().any(|byte| !(b'!'..=b'~').contains(byte)) {
                    return error(
                        "ERR Client names cannot contain spaces, newlines or special characters.",
                    );
                }
                self.name = name.clone();
                ok()
            }
            ("SETINFO", Some(_), Some(value)) => {
                let value = String::from_utf8_lossy(value).into_owned();
                match command.word(2).as_str() {
                    "LIB-NAME" => self.library[0] = value,
                    "LIB-VER" => self.library[1] = value,
                    _ => return error("ERR Unrecognized option"),
                }
                ok()
            }
            ("INFO" | "LIST", ..) => bulk(self.line().as_bytes()),
            ("NO-TOUCH", Some(_), None) => ok(),
            ("REPLY", Some(_), None) if command.word(2) == "ON" => ok(),
            _ => error(&format!("ERR CLIENT {sub} is not allowed on this database")),
        }
    }

    fn line(&self) -> String {
        let [library, version] = &self.library;
        let name = String::from_utf8_lossy(&self.name);
        let resp = if self.resp3 { 3 } else { 2 };
        format!(
            "id={} name={name} db=0 resp={resp} lib-name={library} lib-ver={version}\n",
            self.id
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        Client { id: 7, name: Bytes::new(), resp3: false, library: Default::default() }
    }

    fn command(line: &str) -> Command {
        Command::new(&line.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn reads_a_hello() {
        let all = hello(&command("hello 3 auth default pw setname me")).unwrap();
        assert_eq!(all.version, Some(3));
        assert_eq!(all.login, Some(("default".into(), "pw".into())));
        assert_eq!(all.name.as_deref(), Some(&b"me"[..]));
        assert_eq!(hello(&command("HELLO")), Ok(Hello::default()));
        assert!(hello(&command("HELLO 4")).is_err());
        assert!(hello(&command("HELLO 3 AUTH x")).is_err());
    }

    #[test]
    fn greets_in_the_version_that_was_asked_for() {
        let mut client = client();
        assert!(client.greeting().starts_with(b"*14\r\n$6\r\nserver"));
        client.resp3 = true;
        assert!(client.greeting().starts_with(b"%7\r\n$6\r\nserver"));
    }

    #[test]
    fn keeps_the_name_of_a_client() {
        let mut client = client();
        assert_eq!(client.client(&command("CLIENT SETNAME me")), ok());
        assert_eq!(client.client(&command("CLIENT GETNAME")), "$2\r\nme\r\n");
        assert!(client.client(&command("CLIENT KILL 1")).starts_with(b"-ERR"));
    }
}
