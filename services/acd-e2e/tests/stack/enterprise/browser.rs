//! The pages in a real browser, through the virtual address, with pictures in `artifacts/`.

use std::{fs, path::Path, time::Duration};

use crate::harness::{Stack, artifacts, run, say, setting};

/// What browsers are called; the first that is there is used.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// A picture of nothing is smaller.
const BLANK_BYTES: u64 = 12_000;

fn browser() -> &'static str {
    let there = |name: &&&str| {
        run(&["sh", "-c", &format!("command -v {name}")], Duration::from_secs(5)).code == Some(0)
    };
    BROWSERS.iter().find(there).expect("a browser: install the package chromium")
}

/// Opens a page; gives what it shows, and keeps a picture.
fn open(url: &str, picture: &Path, profile: &Path) -> String {
    let profile = format!("--user-data-dir={}", profile.display());
    let picture = format!("--screenshot={}", picture.display());
    let flags = [
        browser(),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--ignore-certificate-errors",
        "--hide-scrollbars",
        "--window-size=1280,1000",
        "--virtual-time-budget=10000",
        "--no-first-run",
        &profile,
    ];
    let limit = Duration::from_secs(60);
    let ran = run(&[&flags[..], &[&picture, url]].concat(), limit);
    assert_eq!(ran.code, Some(0), "{}", ran.all());
    run(&[&flags[..], &["--dump-dom", url]].concat(), limit).ok().expect("a page")
}

pub(crate) fn pages_open_and_show_what_they_should(_: &Stack) {
    let vip = setting("ACD_VIP");
    let [user, password] = ["ACD_STATS_USER", "ACD_STATS_PASSWORD"].map(setting);
    let profile = tempfile::tempdir().unwrap();
    for (name, url, shows) in [
        ("console", format!("https://{vip}:8443/"), &["Log in", "E-mail", "Password"][..]),
        (
            "statistics",
            format!("http://{user}:{password}@{vip}:1936/stats"),
            &["HAProxy", "database", "console", "re3", "api-1"],
        ),
        (
            "docs",
            format!("http://{vip}:8000/docs/"),
            // Only once its scripts have read the document.
            &["Creates a contact", "/v1/centers/{center}/contacts"],
        ),
    ] {
        let picture = artifacts().join(format!("{name}.png"));
        let _ = fs::remove_file(&picture);
        let page = open(&url, &picture, profile.path());
        for part in shows {
            // Tags within would hide what a reader sees.
            let text = page.replace("<wbr>", "").replace('\u{200b}', "");
            assert!(text.contains(part), "{name} does not show {part}: {text}");
        }
        let bytes = fs::metadata(&picture).expect("a picture").len();
        say(&format!("{name}.png: {bytes} bytes"));
        assert!(bytes > BLANK_BYTES, "{name}.png shows nothing: {bytes} bytes");
    }
}
