//! Replies: finding where one ends without looking into it, and reading those we need.

use bytes::Bytes;

use super::{Malformed, line, number};

/// Finds the end of one reply in a buffer that grows, without looking at anything twice.
#[derive(Debug)]
pub(crate) struct Framer {
    at: usize,
    left: usize,
}

impl Framer {
    pub(crate) const fn new() -> Self {
        Self { at: 0, left: 1 }
    }

    /// The length of the reply that `bytes` begin with, once all of it is there.
    pub(crate) fn end(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        while self.left > 0 {
            let Some((head, next)) = line(bytes, self.at) else { return Ok(None) };
            let (kind, size) = head.split_first().ok_or(Malformed("empty reply"))?;
            // A null has the size -1 in the second version of the protocol.
            let size = || number(size).map(|size| usize::try_from(size).unwrap_or(0));
            let size = || size().ok_or(Malformed("invalid length of a reply"));
            match kind {
                b'+' | b'-' | b':' | b'_' | b'#' | b',' | b'(' => {}
                b'$' | b'!' | b'=' => {
                    let null = head.get(1) == Some(&b'-');
                    let end = if null { next } else { next + size()? + 2 };
                    if bytes.len() < end {
                        return Ok(None);
                    }
                    (self.at, self.left) = (end, self.left - 1);
                    continue;
                }
                b'*' | b'~' | b'>' => self.left += size()?,
                b'%' => self.left += 2 * size()?,
                // Attributes come before what they belong to.
                b'|' => self.left += 2 * size()? + 1,
                _ => return Err(Malformed("unknown type of reply")),
            }
            (self.at, self.left) = (next, self.left - 1);
        }
        Ok(Some(self.at))
    }
}

/// The parts of an array, each as it goes over the wire; none when it is no array.
pub(crate) fn elements(reply: &Bytes) -> Option<Vec<Bytes>> {
    let (head, mut at) = line(reply, 0)?;
    let count = match head.split_first()? {
        (b'*' | b'~', count) => number(count)?,
        _ => return None,
    };
    let mut parts = Vec::new();
    for _ in 0..count {
        let rest = reply.slice(at..);
        let length = Framer::new().end(&rest).ok()??;
        parts.push(rest.slice(..length));
        at += length;
    }
    Some(parts)
}

/// A reply that we look into (in the second version of the protocol).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Error(String),
    Array(Vec<Value>),
}

impl Value {
    /// Reads one whole reply.
    pub(crate) fn read(reply: &Bytes) -> Result<Self, Malformed> {
        let (head, next) = line(reply, 0).ok_or(Malformed("incomplete reply"))?;
        let (kind, rest) = head.split_first().ok_or(Malformed("empty reply"))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(match kind {
            b'+' => Self::Text(text(rest)),
            b'-' => Self::Error(text(rest)),
            b':' => Self::Int(number(rest).ok_or(Malformed("no number"))?),
            b'_' => Self::Null,
            b'$' | b'*' if rest.first() == Some(&b'-') => Self::Null,
            b'$' => Self::Text(text(&reply[next..reply.len() - 2])),
            b'*' => {
                let parts = elements(reply).ok_or(Malformed("incomplete array"))?;
                Self::Array(parts.iter().map(Self::read).collect::<Result<_, _>>()?)
            }
            _ => return Err(Malformed("unknown type of reply")),
        })
    }

    /// The text of a string or number.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Int(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The parts of an array; nothing for everything else.
    pub(crate) fn items(&self) -> &[Value] {
        match self {
            Self::Array(items) => items,
            _ => &[],
        }
    }

    /// The value of `name` in an array of names and values.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let pairs = self.items().chunks_exact(2);
        pairs.filter(|pair| pair[0].text().as_deref() == Some(name)).find_map(|p| p[1].text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLIES: [&str; 9] = [
        "+OK\r\n",
        "$-1\r\n",
        "$3\r\na\nb\r\n",
        "*-1\r\n",
        "*2\r\n*1\r\n:1\r\n$0\r\n\r\n",
        "%1\r\n+a\r\n*0\r\n",
        "|1\r\n+ttl\r\n:1\r\n_\r\n",
        ">3\r\n+message\r\n+c\r\n+m\r\n",
        "=7\r\ntxt:abc\r\n",
    ];

    #[test]
    fn finds_the_end_of_every_type_however_it_arrives() {
        for reply in REPLIES {
            let mut framer = Framer::new();
            for part in 0..reply.len() {
                assert_eq!(framer.end(&reply.as_bytes()[..part]), Ok(None), "{reply:?} {part}");
            }
            let more = format!("{reply}+rest\r\n");
            assert_eq!(framer.end(more.as_bytes()), Ok(Some(reply.len())), "{reply:?}");
        }
    }

    #[test]
    fn reads_what_it_needs() {
        let reply = Bytes::from_static(b"*3\r\n$1\r\na\r\n:2\r\n*1\r\n-ERR x\r\n");
        let value = Value::read(&reply).unwrap();
        assert_eq!(value.field("a").as_deref(), Some("2"));
        assert_eq!(value.items()[2].items(), [Value::Error("ERR x".into())]);
        assert_eq!(elements(&reply).unwrap()[1], ":2\r\n");
    }
}
