//! Where the keys of a command are.

use crate::resp::Command;

/// Where to look for keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keys {
    First,
    Second,
    FirstTwo,
    All,
    AllButLast,
    FromSecond,
    Pairs,
    /// The argument there says how many follow it.
    Counted(usize),
    /// Every third, from the first on.
    Triples,
    /// The first, and as many as the second says.
    StoreCounted,
    /// After the word STREAMS: as many keys as positions.
    Streams,
    /// The first, and that after STORE (or STOREDIST).
    Store,
}

const TABLE: [(Keys, &str); 13] = [
    (
        Keys::First,
        "APPEND BITCOUNT BITFIELD BITFIELD_RO BITPOS DECR DECRBY DUMP EXPIRE EXPIREAT EXPIRETIME \
         GEOADD GEODIST GEOHASH GEOPOS GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GET GETBIT \
         GETDEL GETEX GETRANGE GETSET HDEL HEXISTS HGET HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN \
         HMGET HMSET HRANDFIELD HSCAN HSET HSETNX HSTRLEN HVALS HEXPIRE HPEXPIRE HEXPIREAT \
         HPEXPIREAT HPERSIST HTTL HPTTL HEXPIRETIME HPEXPIRETIME HGETDEL HGETEX HSETEX INCR \
         INCRBY INCRBYFLOAT LINDEX LINSERT LLEN LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM \
         PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PFADD PSETEX PTTL RESTORE RPOP RPUSH RPUSHX SADD \
         SCARD SET SETBIT SETEX SETNX SETRANGE SISMEMBER SMEMBERS SMISMEMBER SPOP SRANDMEMBER \
         SREM SSCAN STRLEN SUBSTR TTL TYPE XACK XADD XAUTOCLAIM XCLAIM XDEL XLEN XPENDING XRANGE \
         XREVRANGE XSETID XTRIM ZADD ZCARD ZCOUNT ZINCRBY ZLEXCOUNT ZMSCORE ZPOPMAX ZPOPMIN \
         ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK \
         ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE \
         SPUBLISH VADD VREM VSIM VDIM VCARD VEMB VGETATTR VSETATTR VLINKS VINFO VISMEMBER \
         VRANDMEMBER JSON.ARRAPPEND JSON.ARRINDEX JSON.ARRINSERT JSON.ARRLEN JSON.ARRPOP \
         JSON.ARRTRIM JSON.CLEAR JSON.DEL JSON.FORGET JSON.GET JSON.MERGE JSON.NUMINCRBY \
         JSON.NUMMULTBY JSON.OBJKEYS JSON.OBJLEN JSON.RESP JSON.SET JSON.STRAPPEND JSON.STRLEN \
         JSON.TOGGLE JSON.TYPE",
    ),
    (Keys::Second, "OBJECT XINFO XGROUP MEMORY JSON.DEBUG"),
    (
        Keys::FirstTwo,
        "RPOPLPUSH BRPOPLPUSH RENAME RENAMENX LCS SMOVE LMOVE BLMOVE ZRANGESTORE COPY \
         GEOSEARCHSTORE",
    ),
    (
        Keys::All,
        "MGET EXISTS WATCH SDIFF SUNIONSTORE PFCOUNT SINTER DEL SINTERSTORE SDIFFSTORE PFMERGE \
         UNLINK TOUCH SUNION SSUBSCRIBE",
    ),
    (Keys::AllButLast, "BZPOPMIN BZPOPMAX BLPOP BRPOP JSON.MGET"),
    (Keys::FromSecond, "BITOP"),
    (Keys::Pairs, "MSET MSETNX"),
    (Keys::Triples, "JSON.MSET"),
    (Keys::Counted(1), "ZMPOP ZINTERCARD ZINTER LMPOP ZUNION ZDIFF SINTERCARD"),
    (Keys::Counted(2), "EVAL EVAL_RO EVALSHA EVALSHA_RO FCALL FCALL_RO BLMPOP BZMPOP"),
    (Keys::StoreCounted, "ZUNIONSTORE ZINTERSTORE ZDIFFSTORE"),
    (Keys::Streams, "XREAD XREADGROUP"),
    (Keys::Store, "SORT SORT_RO GEORADIUS GEORADIUSBYMEMBER"),
];

/// The positions of a command's keys; none when the command has no keys, or isn't known.
pub(super) fn keys(command: &Command, name: &str) -> Option<Vec<usize>> {
    let listed = |names: &str| names.split_ascii_whitespace().any(|listed| listed == name);
    let place = TABLE.iter().find(|(_, names)| listed(names)).map(|(place, _)| *place)?;
    let count = command.args.len();
    let number = |at: usize| {
        let text = std::str::from_utf8(command.args.get(at)?).ok()?;
        text.parse::<usize>().ok()
    };
    // Where an argument is missing the shard says what is wrong; there are then fewer keys here.
    let range = |from: usize, to: usize| (from..to.min(count)).collect();
    Some(match place {
        Keys::First => range(1, 2),
        Keys::Second => range(2, 3),
        Keys::FirstTwo => range(1, 3),
        Keys::All => range(1, count),
        Keys::AllButLast => range(1, count.saturating_sub(1)),
        Keys::FromSecond => range(2, count),
        Keys::Pairs => (1..count).step_by(2).collect(),
        Keys::Triples => (1..count).step_by(3).collect(),
        Keys::Counted(at) => range(at + 1, (at + 1).saturating_add(number(at).unwrap_or(0))),
        Keys::StoreCounted => {
            let mut keys: Vec<usize> = range(1, 2);
            keys.extend(3..3_usize.saturating_add(number(2).unwrap_or(0)).min(count));
            keys
        }
        Keys::Streams => {
            let from =
                (1..count).find(|at| command.word(*at) == "STREAMS").map_or(count, |at| at + 1);
            range(from, from + (count - from) / 2)
        }
        Keys::Store => {
            let stores = |at: &usize| ["STORE", "STOREDIST"].contains(&command.word(*at).as_str());
            let mut keys: Vec<usize> = range(1, 2);
            keys.extend((2..count).filter(stores).map(|at| at + 1).filter(|at| *at < count));
            keys
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<String> {
        let words: Vec<&str> = line.split(' ').collect();
        let command = Command::new(&words);
        let keys = keys(&command, &command.word(0)).unwrap_or_default();
        keys.into_iter().map(|at| words[at].to_owned()).collect()
    }

    #[test]
    fn finds_the_keys_of_every_kind_of_command() {
        for (line, keys) in [
            ("get a", "a"),
            ("SET a b", "a"),
            ("PING", ""),
            ("DEL a b c", "a b c"),
            ("BLPOP a b 0", "a b"),
            ("MSET a 1 b 2", "a b"),
            ("EVAL return 2 a b c", "a b"),
            ("EVALSHA 00 0 c", ""),
            ("ZUNIONSTORE d 2 a b WEIGHTS 1 2", "d a b"),
            ("XREAD COUNT 5 BLOCK 100 STREAMS a b 0 0", "a b"),
            ("XREADGROUP GROUP g c streams a >", "a"),
            ("SORT a BY x STORE b", "a b"),
            ("LMOVE a b LEFT RIGHT", "a b"),
            ("OBJECT ENCODING a", "a"),
            ("JSON.MGET a b $.c", "a b"),
            ("JSON.MSET a $ 1 b $ 2", "a b"),
            ("BITOP AND d a b", "d a b"),
            ("EVAL return 18446744073709551615 a", "a"),
            ("EVAL return 9 a", "a"),
            ("BLPOP", ""),
        ] {
            assert_eq!(found(line).join(" "), keys, "{line}");
        }
    }
}
