//! A cut network: packets between some containers are dropped, in their own network namespaces. The
//! host's side of the bridge is left alone.

use std::time::{Duration, Instant};

use super::{
    docker::{Container, docker},
    process::run,
    say,
};

/// Which packets are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Those that they send, and those sent to them.
    Both,
    /// Those that they send; what is sent to them arrives.
    Outgoing,
}

/// Until it is dropped nothing gets through.
pub struct Cut {
    processes: Vec<String>,
}

impl Cut {
    /// Cuts these containers from the addresses of others; gives when that was done.
    pub fn between(node: &[Container], others: &[String], side: Side) -> (Self, Instant) {
        let pid = |container: &Container| {
            docker(&["inspect", "--format", "{{.State.Pid}}", &container.id]).trim().to_owned()
        };
        let cut = Self { processes: node.iter().map(pid).collect() };
        let mut rules = Vec::new();
        for address in others {
            rules.push(format!("iptables -w -A OUTPUT -d {address} -j DROP"));
            if side == Side::Both {
                rules.push(format!("iptables -w -A INPUT -s {address} -j DROP"));
            }
        }
        for process in &cut.processes {
            within(process, &rules.join(" && ")).unwrap();
        }
        say(&format!(
            "{} cut off",
            node.iter().map(|c| &*c.service).collect::<Vec<_>>().join(", ")
        ));
        (cut, Instant::now())
    }
}

impl Drop for Cut {
    fn drop(&mut self) {
        for process in &self.processes {
            // The other tables have what Docker needs.
            if let Err(why) = within(process, "iptables -w -F INPUT && iptables -w -F OUTPUT") {
                say(&format!("the network stays cut: {why}"));
            }
        }
    }
}

/// Runs a script in a process's network namespace, with this machine's programs.
fn within(process: &str, script: &str) -> Result<String, String> {
    let line = ["nsenter", "--target", process, "--net", "sh", "-c", script];
    let root = run(&["id", "-u"], Duration::from_secs(5)).out.trim() == "0";
    let sudo: &[&str] = if root { &[] } else { &["sudo", "-n"] };
    run(&[sudo, &line].concat(), Duration::from_secs(20)).ok()
}
