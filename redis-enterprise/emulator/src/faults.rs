//! Faults that are asked for: what the real product does in trouble and the emulator would not do by
//! itself. Each belongs to one node and lasts for a time, or until it is cleared.

use std::{
    fmt, fs,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};

use crate::{identity::write_private, settings::Settings};

/// Longer than any test.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) const HELP: &str = "\
Faults of the Redis Enterprise EMULATOR, each of this node alone:

  no-quorum [TIME]         REST answers 503 no_quorum; databases go on
  rest-503 [TIME]          REST answers 503 to everything, GET /v1/bootstrap included
  rest-slow DELAY [TIME]   REST answers after DELAY
  plain-errors [TIME]      a command whose shard can't be reached is answered with a plain -ERR at once
  shard-lost UID [TIME]    the server of a shard of this node is killed, and comes back after TIME

TIME and DELAY are numbers with the unit ms, s or m. Without TIME a fault lasts until it is cleared, also
over a restart of the node.

  fault NAME …             begins a fault
  fault [list]             shows those that are active
  fault clear              ends all of them";

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    NoQuorum,
    Rest503,
    RestSlow(Duration),
    PlainErrors,
    /// The shard with this uid.
    ShardLost(u32),
}

/// A fault, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Timed {
    fault: Fault,
    duration: Option<Duration>,
}

/// The faults of this node.
#[derive(Debug)]
pub(crate) struct Faults {
    /// Where those without an end are kept.
    file: PathBuf,
    active: Mutex<Vec<(Fault, Option<Instant>)>>,
}

impl Faults {
    /// Those that were kept, and those of the settings.
    pub(crate) fn load(settings: &Settings) -> anyhow::Result<Self> {
        let file = settings.config.join("faults");
        let kept = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| format!("read {}", file.display())),
        };
        let faults = Self { file, active: Mutex::default() };
        let all = kept.lines().chain(settings.faults.split(';'));
        for text in all.filter(|text| !text.trim().is_empty()) {
            faults.begin(text).with_context(|| format!("the fault {text}"))?;
        }
        Ok(faults)
    }

    /// Begins a fault, given as on the command line.
    pub(crate) fn begin(&self, text: &str) -> anyhow::Result<()> {
        let Timed { fault, duration } = parse(text)?;
        let until = duration.map(|duration| Instant::now() + duration);
        {
            let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
            active.retain(|(other, _)| !other.is_same_kind(fault));
            active.push((fault, until));
            self.keep(&active)?;
        }
        let duration = duration.map_or("until it is cleared".to_owned(), |d| format!("for {d:?}"));
        tracing::warn!("EMULATED FAULT: {fault} {duration}");
        Ok(())
    }

    /// Ends all faults.
    pub(crate) fn clear(&self) -> anyhow::Result<()> {
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        active.clear();
        tracing::warn!("emulated faults are cleared");
        self.keep(&active)
    }

    /// Whether a fault is active.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.active().iter().any(|(active, _)| *active == fault)
    }

    /// How late REST answers.
    pub(crate) fn rest_delay(&self) -> Option<Duration> {
        self.active().into_iter().find_map(|(fault, _)| match fault {
            Fault::RestSlow(delay) => Some(delay),
            _ => None,
        })
    }

    /// What is active, a line each.
    pub(crate) fn list(&self) -> Vec<String> {
        let now = Instant::now();
        let show = |(fault, until): (Fault, Option<Instant>)| match until {
            Some(until) => format!("{fault} {}ms", (until - now).as_millis()),
            None => fault.to_string(),
        };
        self.active().into_iter().map(show).collect()
    }

    fn active(&self) -> Vec<(Fault, Option<Instant>)> {
        let now = Instant::now();
        let mut active = self.active.lock().unwrap_or_else(PoisonError::into_inner);
        active.retain(|(fault, until)| {
            let stays = until.is_none_or(|until| until > now);
            if !stays {
                tracing::warn!("emulated fault has ended: {fault}");
            }
            stays
        });
        active.clone()
    }

    fn keep(&self, active: &[(Fault, Option<Instant>)]) -> anyhow::Result<()> {
        let endless = active.iter().filter(|(_, until)| until.is_none());
        let lines: Vec<String> = endless.map(|(fault, _)| fault.to_string()).collect();
        write_private(&self.file, lines.join("\n").as_bytes())
            .with_context(|| format!("write {}", self.file.display()))
    }
}

impl Fault {
    /// Whether one replaces the other.
    fn is_same_kind(self, other: Self) -> bool {
        match (self, other) {
            (Self::RestSlow(_), Self::RestSlow(_)) => true,
            (one, other) => one == other,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoQuorum => f.write_str("no-quorum"),
            Self::Rest503 => f.write_str("rest-503"),
            Self::RestSlow(delay) => write!(f, "rest-slow {}ms", delay.as_millis()),
            Self::PlainErrors => f.write_str("plain-errors"),
            Self::ShardLost(uid) => write!(f, "shard-lost {uid}"),
        }
    }
}

fn parse(text: &str) -> anyhow::Result<Timed> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let (fault, rest) = match words.as_slice() {
        ["no-quorum", rest @ ..] => (Fault::NoQuorum, rest),
        ["rest-503", rest @ ..] => (Fault::Rest503, rest),
        ["rest-slow", delay, rest @ ..] => (Fault::RestSlow(duration(delay)?), rest),
        ["plain-errors", rest @ ..] => (Fault::PlainErrors, rest),
        ["shard-lost", uid, rest @ ..] => {
            let uid = uid.parse().context("shard-lost takes the uid of a shard")?;
            (Fault::ShardLost(uid), rest)
        }
        _ => bail!("there is no such fault: see fault help"),
    };
    let duration = match rest {
        [] => None,
        [time] => Some(duration(time)?),
        _ => bail!("{fault} takes one time and nothing after it"),
    };
    Ok(Timed { fault, duration })
}

fn duration(text: &str) -> anyhow::Result<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ms = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        _ => bail!("{text} is no time: a number and ms, s or m"),
    };
    let number: u32 = digits.parse().with_context(|| format!("{text} is no time"))?;
    let duration = Duration::from_millis(u64::from(number) * ms);
    ensure!(!duration.is_zero() && duration <= LONGEST, "{text} is not within a day");
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn faults(dir: &tempfile::TempDir, at_start: &str) -> anyhow::Result<Faults> {
        let config = format!("--config={}", dir.path().display());
        let at_start = format!("--faults={at_start}");
        Faults::load(&Settings::parse_from(["x".to_owned(), config, at_start]))
    }

    #[test]
    fn a_fault_ends_with_its_time() {
        let dir = tempfile::tempdir().unwrap();
        let faults = faults(&dir, "").unwrap();
        faults.begin("no-quorum 30ms").unwrap();
        faults.begin("rest-slow 200ms 1m").unwrap();
        faults.begin("rest-slow 300ms 1m").unwrap();
        assert!(faults.has(Fault::NoQuorum) && !faults.has(Fault::Rest503));
        assert_eq!(faults.rest_delay(), Some(Duration::from_millis(300)));
        std::thread::sleep(Duration::from_millis(40));
        assert!(!faults.has(Fault::NoQuorum));
        assert_eq!(faults.list().len(), 1);
    }

    #[test]
    fn a_fault_without_an_end_outlives_the_node_until_it_is_cleared() {
        let dir = tempfile::tempdir().unwrap();
        let first = faults(&dir, "rest-503; shard-lost 3 10s").unwrap();
        assert!(first.has(Fault::Rest503) && first.has(Fault::ShardLost(3)));
        let second = faults(&dir, "").unwrap();
        assert_eq!(second.list(), ["rest-503"]);
        second.clear().unwrap();
        assert!(faults(&dir, "").unwrap().list().is_empty());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in [
            "",
            "fire",
            "no-quorum 5",
            "no-quorum 0s",
            "no-quorum 1s 2s",
            "rest-slow",
            "shard-lost x",
            "rest-503 90000s",
            "rest-slow s",
            "no-quorum 99999999999s",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        let dir = tempfile::tempdir().unwrap();
        assert!(faults(&dir, "fire").is_err());
    }
}
