//! Where the stack is configured: the environment, else the `.env` that `scripts/start.sh` makes.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// The project of the stack that the tests make, unless `COMPOSE_PROJECT_NAME` is set.
const PROJECT: &str = "acd-test";
/// What `start.sh` makes once, and an operator may have already.
const FILES: [&str; 2] = [".env", "haproxy/certificate/server.pem"];

/// The repository, or the copy of it that `ACD_TEST_ROOT` names.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let root = std::env::var_os("ACD_TEST_ROOT")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), PathBuf::from);
        fs::canonicalize(root).expect("the repository")
    })
}

/// Where what is worth keeping goes.
pub fn artifacts() -> PathBuf {
    let path = root().join("artifacts");
    fs::create_dir_all(&path).expect("a directory for artefacts");
    path
}

/// The Compose project.
pub fn project() -> String {
    std::env::var("COMPOSE_PROJECT_NAME").unwrap_or_else(|_| PROJECT.to_owned())
}

/// A setting as Compose sees it.
fn find_setting(name: &str) -> Option<String> {
    let given = std::env::var(name).ok().filter(|value| !value.is_empty());
    given.or_else(|| find_in_file(name))
}

pub(super) fn find_in_file(name: &str) -> Option<String> {
    let file = fs::read_to_string(root().join(".env")).ok()?;
    let mut lines = file.lines().rev();
    lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
}

/// A setting that `start.sh` makes, or that has a default in compose.yaml.
pub fn setting(name: &str) -> String {
    let default = || match name {
        "RE_ADMIN_USER" => "admin@acd.local",
        "ACD_STATS_USER" => "admin",
        "ACD_SETUP_IMAGE" => "acd-cluster-setup",
        "ACD_REDIS_IMAGE" => "acd-redis",
        _ => panic!("{name} is neither in the environment nor in .env"),
    };
    find_setting(name).unwrap_or_else(|| default().to_owned())
}

/// A setting that need not be set anywhere.
pub(crate) fn setting_or(name: &str, default: &str) -> String {
    find_setting(name).unwrap_or_else(|| default.to_owned())
}

/// Puts away the settings of a stack that is not ours, so that the tests begin with none and nobody's
/// passwords get lost. `bring_back` undoes it.
pub(crate) fn put_away() {
    if find_in_file("COMPOSE_PROJECT_NAME").is_some_and(|name| name == project()) {
        return;
    }
    let away = away();
    for file in FILES {
        let (here, there) = (root().join(file), away.join(file.replace('/', "-")));
        if here.exists() {
            assert!(!there.exists(), "{} is in the way: see what is in it", there.display());
            fs::create_dir_all(&away).expect("a place to put settings away");
            fs::rename(&here, &there).expect("settings can be put away");
        }
    }
}

/// Removes the settings that the tests made, and brings back those that were there.
pub fn bring_back() {
    // Whoever named the project goes on with it.
    if std::env::var_os("COMPOSE_PROJECT_NAME").is_some() {
        return;
    }
    let away = away();
    for file in FILES {
        let (here, there) = (root().join(file), away.join(file.replace('/', "-")));
        let _ = fs::remove_file(&here);
        if there.exists() {
            fs::rename(&there, &here).expect("settings can be brought back");
        }
    }
    let _ = fs::remove_dir(away);
}

fn away() -> PathBuf {
    artifacts().join("put-away")
}
