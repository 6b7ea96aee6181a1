//! One reply out of those of several shards.

use bytes::{BufMut, Bytes, BytesMut};

use super::info;
use crate::resp::{Value, elements};

/// How to make one of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Merge {
    /// They are all the same.
    First,
    Sum,
    Least,
    /// Of arrays of numbers: the least at each position.
    LeastOfEach,
    Concat,
    /// Of arrays: where each of their elements belongs.
    Gather(Vec<Vec<usize>>),
    /// A cursor of ours out of a shard's.
    Scan {
        shard: usize,
        shards: usize,
    },
    Info,
}

impl Merge {
    /// The reply; an error of any shard is the error of all.
    pub(super) fn merge(&self, replies: &[Bytes]) -> Bytes {
        if let Some(error) = replies.iter().find(|reply| reply.starts_with(b"-")) {
            return error.clone();
        }
        self.all_good(replies).unwrap_or_else(|| {
            Bytes::from_static(b"-ERR the shards gave replies that don't fit\r\n")
        })
    }

    fn all_good(&self, replies: &[Bytes]) -> Option<Bytes> {
        let numbers = || replies.iter().map(number).collect::<Option<Vec<i64>>>();
        let arrays = || replies.iter().map(elements).collect::<Option<Vec<_>>>();
        Some(match self {
            Self::First => replies.first()?.clone(),
            Self::Sum => integer(numbers()?.iter().sum()),
            Self::Least => integer(*numbers()?.iter().min()?),
            Self::LeastOfEach => {
                let arrays = arrays()?;
                let each = (0..arrays.first()?.len()).map(|at| {
                    let of_all = arrays.iter().map(|array| number(array.get(at)?));
                    of_all.collect::<Option<Vec<i64>>>()?.into_iter().min().map(integer)
                });
                array(&each.collect::<Option<Vec<_>>>()?)
            }
            Self::Concat => array(&arrays()?.concat()),
            Self::Gather(places) => {
                let count = places.iter().map(Vec::len).sum();
                let mut whole = vec![Bytes::new(); count];
                for (places, part) in places.iter().zip(arrays()?) {
                    for (place, element) in places.iter().zip(part) {
                        *whole.get_mut(*place)? = element;
                    }
                }
                array(&whole)
            }
            Self::Scan { shard, shards } => {
                let parts = elements(replies.first()?)?;
                let theirs: u64 = Value::read(parts.first()?).ok()?.text()?.parse().ok()?;
                let (shard, shards) = (*shard as u64, *shards as u64);
                let next = match theirs {
                    0 if shard + 1 == shards => 0,
                    0 => shard + 1,
                    cursor => cursor * shards + shard,
                };
                array(&[bulk(next.to_string().as_bytes()), parts.get(1)?.clone()])
            }
            Self::Info => bulk(info::merge(replies).as_bytes()),
        })
    }
}

fn number(reply: &Bytes) -> Option<i64> {
    match Value::read(reply) {
        Ok(Value::Int(number)) => Some(number),
        _ => None,
    }
}

/// A number as a reply.
pub(super) fn integer(number: i64) -> Bytes {
    format!(":{number}\r\n").into()
}

/// A string as a reply.
pub(super) fn bulk(text: &[u8]) -> Bytes {
    let mut reply = BytesMut::from(format!("${}\r\n", text.len()).as_bytes());
    reply.put_slice(text);
    reply.put_slice(b"\r\n");
    reply.freeze()
}

/// An array of replies.
pub(super) fn array(parts: &[Bytes]) -> Bytes {
    let mut reply = BytesMut::from(format!("*{}\r\n", parts.len()).as_bytes());
    for part in parts {
        reply.put_slice(part);
    }
    reply.freeze()
}

/// An error as a reply.
pub(super) fn error(text: &str) -> Bytes {
    format!("-{}\r\n", text.replace(['\r', '\n'], " ")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(merge: &Merge, replies: &[&'static str]) -> String {
        let replies: Vec<Bytes> =
            replies.iter().map(|r| Bytes::from_static(r.as_bytes())).collect();
        String::from_utf8(merge.merge(&replies).to_vec()).unwrap()
    }

    #[test]
    fn makes_one_of_several() {
        assert_eq!(merged(&Merge::Sum, &[":2\r\n", ":3\r\n"]), ":5\r\n");
        assert_eq!(merged(&Merge::Least, &[":2\r\n", ":0\r\n"]), ":0\r\n");
        let exists = ["*2\r\n:1\r\n:1\r\n", "*2\r\n:0\r\n:1\r\n"];
        assert_eq!(merged(&Merge::LeastOfEach, &exists), "*2\r\n:0\r\n:1\r\n");
        assert_eq!(merged(&Merge::Concat, &["*1\r\n+a\r\n", "*0\r\n"]), "*1\r\n+a\r\n");
        let gather = Merge::Gather(vec![vec![0, 2], vec![1]]);
        let parts = ["*2\r\n$1\r\na\r\n$-1\r\n", "*1\r\n$1\r\nb\r\n"];
        assert_eq!(merged(&gather, &parts), "*3\r\n$1\r\na\r\n$1\r\nb\r\n$-1\r\n");
    }

    #[test]
    fn an_error_of_one_is_the_error_of_all() {
        assert_eq!(merged(&Merge::Sum, &[":2\r\n", "-ERR no\r\n"]), "-ERR no\r\n");
        assert!(merged(&Merge::Sum, &[":2\r\n", "+OK\r\n"]).starts_with("-ERR"));
    }

    #[test]
    fn a_scan_ends_after_the_last_shard() {
        let scan = |shard, reply| merged(&Merge::Scan { shard, shards: 2 }, &[reply]);
        assert_eq!(scan(0, "*2\r\n$1\r\n7\r\n*0\r\n"), "*2\r\n$2\r\n14\r\n*0\r\n");
        assert_eq!(scan(0, "*2\r\n$1\r\n0\r\n*0\r\n"), "*2\r\n$1\r\n1\r\n*0\r\n");
        assert_eq!(scan(1, "*2\r\n$1\r\n0\r\n*0\r\n"), "*2\r\n$1\r\n0\r\n*0\r\n");
    }
}
