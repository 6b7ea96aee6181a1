//! The executable under test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use serde_json::Value;

/// Where the executable is: the one that `ACD_TEST_BINARY` names, else one that is built from the
/// sources as they are now, because cargo builds no other package's executables for a test.
pub(super) fn acd() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| match std::env::var_os("ACD_TEST_BINARY") {
        Some(path) => fs::canonicalize(path).expect("ACD_TEST_BINARY is an executable"),
        None => keep(&build()),
    })
}

/// Builds it in the profile and the target directory that this test was built in.
fn build() -> PathBuf {
    let directory = profile_directory();
    let profile = match directory.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--package", "acd-cli", "--bin", "acd"])
        .args(["--profile", profile, "--message-format", "json"])
        .arg("--target-dir")
        .arg(target())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the executable builds:\n{said}");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| Some(message["executable"].as_str()?.into()))
        .expect("cargo names the executable")
}

/// Keeps it under a name of ours: another cargo may build over the original while tests run.
fn keep(built: &Path) -> PathBuf {
    let directory = target().join("tmp");
    fs::create_dir_all(&directory).expect("a directory for the executable");
    let kept = directory.join("acd");
    let new = directory.join(format!("acd.{}", std::process::id()));
    let _ = fs::remove_file(&new);
    fs::hard_link(built, &new)
        .or_else(|_| fs::copy(built, &new).map(drop))
        .expect("a copy of the executable");
    fs::rename(&new, &kept).expect("the copy in its place");
    kept
}

/// `target/<profile>`, of which the running test is in `deps`.
fn profile_directory() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    test.ancestors().nth(2).expect("a test is in target/<profile>/deps").to_owned()
}

fn target() -> PathBuf {
    profile_directory().parent().expect("a profile's directory is in target").to_owned()
}
