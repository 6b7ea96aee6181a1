//! Finds the Redis server program to start.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::usage::Usage;

/// The program names to look for in PATH, in this order.
const NAMES: [&str; 2] = ["redis-server", "valkey-server"];
/// The oldest release with all features that the scripts use.
const OLDEST: (u32, u32) = (7, 0);

/// A server program that is new enough.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    version: String,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        write!(f, "{} {}", name.to_string_lossy(), self.version)
    }
}

impl Program {
    /// The one that the user named.
    pub(crate) fn named(path: &Path) -> anyhow::Result<Self> {
        Self::probe(path).map_err(|why| Usage(format!("--redis-server: {why}")).into())
    }

    /// The first suitable one in PATH.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let dirs: Vec<_> = std::env::split_paths(&path).collect();
        let candidates = NAMES.iter().flat_map(|name| dirs.iter().map(move |dir| dir.join(name)));
        let mut refused = Vec::new();
        for candidate in candidates.filter(|candidate| candidate.is_file()) {
            match Self::probe(&candidate) {
                Ok(program) => return Ok(program),
                Err(why) => refused.push(why),
            }
        }
        let found =
            if refused.is_empty() { "none is in PATH".to_owned() } else { refused.join("; ") };
        anyhow::bail!(
            "a redis-server or valkey-server {}.{} or later is needed, but {found}: install one, \
             name it with --redis-server, or name a Redis that runs with --redis-url",
            OLDEST.0,
            OLDEST.1,
        )
    }

    fn probe(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let output = Command::new(path).arg("--version").output();
        let output = output.map_err(|error| format!("{shown} does not run: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = version(&text).ok_or_else(|| {
            format!("{shown} is not a Redis server: --version prints {:?}", text.trim())
        })?;
        if major_minor(version) < Some(OLDEST) {
            return Err(format!("{shown} is {version}, too old"));
        }
        Ok(Self { path: path.to_owned(), version: version.to_owned() })
    }
}

/// From `Redis server v=7.0.15 sha=…` or `Valkey server v=8.0.1 sha=…`.
fn version(text: &str) -> Option<&str> {
    text.split_whitespace().find_map(|word| word.strip_prefix("v="))
}

fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_redis_and_valkey_say_of_themselves() {
        let redis = "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d";
        let valkey = "Valkey server v=8.0.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1a";
        assert_eq!(version(redis).and_then(major_minor), Some((7, 0)));
        assert_eq!(version(valkey).and_then(major_minor), Some((8, 0)));
        assert_eq!(version("bash 5.2"), None);
        assert!(major_minor("6.2.14") < Some(OLDEST));
        assert!(major_minor("unstable") < Some(OLDEST));
    }
}
