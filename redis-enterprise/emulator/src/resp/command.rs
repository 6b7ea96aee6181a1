//! Commands as clients send them: arrays of bulk strings, or words on a line.

use bytes::{Bytes, BytesMut};

use super::{Malformed, line, number};

/// Redis's own limits on what a client may send.
const MAX_ARGS: i64 = 1024 * 1024;
const MAX_BULK: i64 = 512 * 1024 * 1024;
const MAX_INLINE: usize = 64 * 1024;

/// A command: its words, and how it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// The name and the arguments; never empty.
    pub(crate) args: Vec<Bytes>,
    /// What to send to a shard.
    pub(crate) wire: Bytes,
}

impl Command {
    /// A command from its words.
    pub(crate) fn new<A: AsRef<[u8]>>(args: &[A]) -> Self {
        let mut wire = BytesMut::new();
        wire.extend_from_slice(format!("*{}\r\n", args.len()).as_bytes());
        for arg in args {
            let arg = arg.as_ref();
            wire.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
            wire.extend_from_slice(arg);
            wire.extend_from_slice(b"\r\n");
        }
        let args = args.iter().map(|arg| Bytes::copy_from_slice(arg.as_ref())).collect();
        Self { args, wire: wire.freeze() }
    }

    /// The word at `index` in upper case; empty when there is none.
    pub(crate) fn word(&self, index: usize) -> String {
        let word = self.args.get(index).map_or(&b""[..], |arg| arg);
        String::from_utf8_lossy(word).to_ascii_uppercase()
    }
}

/// Takes the next complete command off `buffer`; none while there is none.
pub(crate) fn next_command(buffer: &mut BytesMut) -> Result<Option<Command>, Malformed> {
    loop {
        let Some(first) = buffer.first() else { return Ok(None) };
        if *first == b'*' {
            let Some((ranges, end)) = ranges(buffer)? else { return Ok(None) };
            let wire = buffer.split_to(end).freeze();
            if ranges.is_empty() {
                continue;
            }
            let args = ranges.into_iter().map(|(from, to)| wire.slice(from..to)).collect();
            return Ok(Some(Command { args, wire }));
        }
        let Some((_, end)) = line(buffer, 0) else {
            let too_long = buffer.len() > MAX_INLINE;
            return if too_long { Err(Malformed("too big inline request")) } else { Ok(None) };
        };
        let text = buffer.split_to(end);
        let words: Vec<&[u8]> =
            text[..].split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
        if !words.is_empty() {
            return Ok(Some(Command::new(&words)));
        }
    }
}

type Ranges = Vec<(usize, usize)>;

/// Where the arguments of the command at the start are, and where it ends.
fn ranges(bytes: &[u8]) -> Result<Option<(Ranges, usize)>, Malformed> {
    let Some((head, mut at)) = line(bytes, 0) else { return Ok(None) };
    let count = number(&head[1..]).filter(|count| *count <= MAX_ARGS);
    let count = count.ok_or(Malformed("invalid multibulk length"))?;
    let mut ranges = Vec::new();
    for _ in 0..count {
        let Some((head, start)) = line(bytes, at) else { return Ok(None) };
        if head.first() != Some(&b'$') {
            return Err(Malformed("expected '$'"));
        }
        let length = number(&head[1..]).filter(|length| (0..=MAX_BULK).contains(length));
        let length = length.and_then(|length| usize::try_from(length).ok());
        let end = start + length.ok_or(Malformed("invalid bulk length"))?;
        if bytes.len() < end + 2 {
            return Ok(None);
        }
        ranges.push((start, end));
        at = end + 2;
    }
    Ok(Some((ranges, at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Vec<String>> {
        let mut buffer = BytesMut::from(text);
        let mut commands = Vec::new();
        while let Some(command) = next_command(&mut buffer).unwrap() {
            commands.push((0..command.args.len()).map(|i| command.word(i)).collect());
        }
        commands
    }

    #[test]
    fn reads_a_pipeline_of_both_forms() {
        let text =
            "*2\r\n$3\r\nGET\r\n$1\r\nk\r\nping\r\n\r\n*1\r\n$4\r\nPING\r\n*0\r\n*1\r\n$4\r\nPI";
        assert_eq!(all(text), [vec!["GET", "K"], vec!["PING"], vec!["PING"]]);
    }

    #[test]
    fn what_it_writes_it_reads() {
        let command = Command::new(&["SET", "a\r\nb", ""]);
        let mut buffer = BytesMut::from(&command.wire[..]);
        assert_eq!(next_command(&mut buffer), Ok(Some(command)));
        assert!(buffer.is_empty());
    }

    #[test]
    fn refuses_what_is_no_command() {
        for text in ["*x\r\n", "*1\r\n:1\r\n", "*1\r\n$-1\r\n"] {
            assert!(next_command(&mut BytesMut::from(text)).is_err(), "{text:?}");
        }
    }
}
