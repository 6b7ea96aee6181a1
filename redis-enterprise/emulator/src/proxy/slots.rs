//! From a key to its slot.

use regex::bytes::Regex;

use crate::cluster::{Rule, SLOTS};

/// The definition that everybody uses: the substring between braces, else the whole key.
const DEFAULT: [&str; 2] = [r".*\{(?<tag>.*)\}.*", r"(?<tag>.*)"];

/// Which part of a key is hashed: the first rule that matches tells.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    rules: Vec<Regex>,
    is_default: bool,
}

impl Rules {
    /// Reads a `shard_key_regex`; fails when a rule has no group named `tag`, or there is none.
    pub(crate) fn new(rules: &[Rule]) -> Result<Self, String> {
        if rules.is_empty() || rules.len() > 32 {
            return Err("between 1 and 32 rules are needed".to_owned());
        }
        let is_default = rules.iter().map(|rule| rule.regex.as_str()).eq(DEFAULT);
        let compile = |rule: &Rule| {
            // Matched from the start of the key only, as the proxy of the real product does.
            let regex = Regex::new(&format!(r"\A(?:{})", rule.regex));
            let regex = regex.map_err(|error| error.to_string())?;
            let tagged = regex.capture_names().any(|name| name == Some("tag"));
            if tagged { Ok(regex) } else { Err("a rule has no group named tag".to_owned()) }
        };
        Ok(Self { rules: rules.iter().map(compile).collect::<Result<_, _>>()?, is_default })
    }

    /// The slot of a key; none when no rule matches it.
    pub(crate) fn slot(&self, key: &[u8]) -> Option<u16> {
        let tag = if self.is_default { Some(default_tag(key)) } else { self.tag(key) };
        tag.map(|tag| crc16(tag) % SLOTS)
    }

    fn tag<'k>(&self, key: &'k [u8]) -> Option<&'k [u8]> {
        let found = self.rules.iter().find_map(|rule| rule.captures(key));
        found.and_then(|found| found.name("tag")).map(|tag| tag.as_bytes())
    }
}

/// What the default rules find, faster: from the last `{` that a `}` follows to the last `}`.
/// A `.` matches no line feed, so all of that is looked for in the key's first line.
fn default_tag(key: &[u8]) -> &[u8] {
    let line = key.split(|byte| *byte == b'\n').next().unwrap_or(key);
    let close = line.iter().rposition(|byte| *byte == b'}');
    let open = close.and_then(|close| line[..close].iter().rposition(|byte| *byte == b'{'));
    match (open, close) {
        (Some(open), Some(close)) => &line[open + 1..close],
        _ => line,
    }
}

/// CRC-16/XMODEM, as Redis Cluster has it.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn default_rules() -> Rules {
        let rules = DEFAULT.map(|regex| Rule { regex: regex.to_owned() });
        Rules::new(&rules).unwrap()
    }

    #[test]
    fn slots_are_those_of_redis() {
        let rules = default_rules();
        for (key, slot) in [("123456789", 12739), ("foo", 12182), ("a{foo}b", 12182), ("{}", 0)] {
            assert_eq!(rules.slot(key.as_bytes()), Some(slot), "{key}");
        }
    }

    #[test]
    fn the_fast_way_finds_what_the_expressions_find() {
        let rules = default_rules();
        for key in [
            "", "a", "{a}", "x{a}y", "{a}{b}", "{a{b}c}", "{a}b}", "}a{", "a}b{c", "{}x", "{{a}}",
            "a\n{b}", "{a\nb}", "{a}\n{b}",
        ] {
            let key = key.as_bytes();
            assert_eq!(Some(default_tag(key)), rules.tag(key), "{}", key.escape_ascii());
        }
    }

    #[test]
    fn other_rules_are_followed_in_order() {
        let rules = ["user:(?<tag>[0-9]+).*", "(?<tag>x).*"].map(|r| Rule { regex: r.into() });
        let rules = Rules::new(&rules).unwrap();
        assert_eq!(rules.tag(b"user:12:name"), Some(&b"12"[..]));
        assert_eq!(rules.tag(b"xyz"), Some(&b"x"[..]));
        assert_eq!(rules.slot(b"zyx"), None);
    }
}
