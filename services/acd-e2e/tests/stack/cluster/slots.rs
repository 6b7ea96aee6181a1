//! A key in each of the 16384 slots, through the single access point.

use std::{fmt::Write, fs};

use crate::harness::{CLI, SLOTS, Stack, docker, key_of_each_slot, say, setting};

/// What redis-cli gets to these commands, one a line. It follows redirections, and says so.
fn through_the_access_point(stack: &Stack, commands: &str) -> String {
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("commands");
    fs::write(&file, commands).unwrap();
    docker(&["cp", &file.display().to_string(), &format!("{}:/tmp/", stack.client().name())]);
    let (vip, port) = (setting("ACD_VIP"), stack.tier().port());
    let script = format!(
        "timeout 50 {CLI} -c -h {vip} -p {port} </tmp/commands 2>&1 | grep -v '^-> Redirected to slot'"
    );
    stack.client().run(&["bash", "-c", &script]).out
}

/// Writes them.
pub(super) fn write(stack: &Stack) {
    let mut sets = String::new();
    for number in key_of_each_slot() {
        let _ = writeln!(sets, "SET acd-test-{number} {number}");
    }
    let answers = through_the_access_point(stack, &sets);
    let taken = answers.lines().filter(|line| *line == "OK").count();
    assert_eq!(taken, usize::from(SLOTS), "{}", first(&answers, |line| line != "OK"));
}

/// Reads them.
pub(super) fn read(stack: &Stack) {
    let numbers = key_of_each_slot();
    let mut gets = String::new();
    for number in &numbers {
        let _ = writeln!(gets, "GET acd-test-{number}");
    }
    let answers = through_the_access_point(stack, &gets);
    let read: Vec<&str> = answers.lines().collect();
    let wanted: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    assert!(
        read == wanted,
        "not every slot: {}",
        first(&answers, |line| line.parse::<u32>().is_err())
    );
    say("a key of every slot is read");
}

/// The first line that is such.
fn first(lines: &str, such: impl Fn(&str) -> bool) -> String {
    lines.lines().find(|line| such(line)).unwrap_or("fewer answers than questions").to_owned()
}
