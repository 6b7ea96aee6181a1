//! As the first process of a container we inherit what others leave behind.

use std::{fs, time::Duration};

use rustix::process::{Pid, WaitOptions, waitpid};
use tokio::time::sleep;

use super::Processes;

const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Collects dead processes that are nobody's. Those that we started ourselves are waited for
/// where they were started.
pub(crate) async fn reap_orphans(processes: &Processes) {
    let me = std::process::id();
    if me != 1 {
        return;
    }
    loop {
        sleep(LOOK_EVERY).await;
        let ours = processes.pids();
        for pid in zombies_of(me).into_iter().filter(|pid| !ours.contains(pid)) {
            if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                let _ = waitpid(Some(pid), WaitOptions::NOHANG);
            }
        }
    }
}

fn zombies_of(parent: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let pids = names.filter_map(|name| name.parse::<u32>().ok());
    pids.filter(|pid| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        is_zombie_of(&stat, parent)
    })
    .collect()
}

/// Whether this line of `/proc/…/stat` is that of a dead child of `parent`. The name, which may
/// have any character in it, ends with the last bracket.
fn is_zombie_of(stat: &str, parent: u32) -> bool {
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let mut fields = rest.split_ascii_whitespace();
    fields.next() == Some("Z") && fields.next().and_then(|text| text.parse().ok()) == Some(parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_dead_from_the_living() {
        assert!(is_zombie_of("12 (a) b) Z 1 12 12 0", 1));
        assert!(!is_zombie_of("12 (curl) S 1 12 12 0", 1));
        assert!(!is_zombie_of("12 (curl) Z 7 12 12 0", 1));
        assert!(!is_zombie_of("", 1));
    }
}
