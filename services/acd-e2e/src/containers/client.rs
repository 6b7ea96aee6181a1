//! A client on the stack's network: a container with curl and redis-cli.

use std::time::Duration;

use serde_json::Value;

use super::{
    docker::{docker, try_docker},
    process::{Process, Ran, run},
    settings::{project, setting},
    tier::Tier,
};

/// The container; one for all tests, as long as the network is there.
#[derive(Clone, Debug)]
pub struct Client {
    name: String,
    tier: Tier,
}

/// What came of asking one thing all the time.
#[derive(Debug)]
pub struct Watched {
    /// What was asked.
    pub what: &'static str,
    /// How many questions were answered.
    pub answered: usize,
    /// How many were not.
    pub failed: usize,
    /// The longest time between two answers.
    pub gap_ms: u64,
}

/// An answer to curl.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e} in {}", self.body))
    }
}

impl Client {
    /// The one that is there, or a new one.
    pub(super) fn find_or_start(tier: Tier) -> Self {
        let this = Self { name: format!("{}-client", project()), tier };
        let state = try_docker(&["inspect", "--format", "{{.State.Running}}", &this.name]);
        if state.out.trim() != "true" {
            Self::remove();
            let network = format!("{}_re_cluster", project());
            let image = tier.client_image();
            let password = format!("REDISCLI_AUTH={}", tier.password());
            // Where a test is about passwords, it gives them itself.
            let environment: &[&str] =
                if tier == Tier::Enterprise { &[] } else { &["--env", &password] };
            let line = ["run", "--detach", "--init", "--name", &this.name, "--network", &network];
            let runs = ["--entrypoint", "sleep", &image, "infinity"];
            docker(&[&line, environment, &runs].concat());
        }
        this
    }

    /// What its container is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Removes it: a network with somebody in it can't be removed.
    pub(super) fn remove() {
        try_docker(&["rm", "--force", "--volumes", &format!("{}-client", project())]);
    }

    /// Runs a program in it.
    pub fn run(&self, line: &[&str]) -> Ran {
        try_docker(&[&["exec", &self.name], line].concat())
    }

    /// Runs a shell script in it.
    pub fn script(&self, script: &str) -> Process {
        Process::start(&["docker", "exec", &self.name, "bash", "-c", script])
    }

    /// What curl, which trusts any certificate, gets.
    pub fn curl(&self, args: &[&str]) -> Result<Answer, String> {
        let line = ["curl", "--silent", "--show-error", "--insecure", "--max-time", "5"];
        let line = [&line, args, &["--write-out", "\n%{http_code}"]].concat();
        // Only the image of Redis Enterprise's set-up has curl. This machine has it, and reaches the
        // virtual address.
        let ran = if self.tier == Tier::Enterprise {
            self.run(&line)
        } else {
            run(&line, Duration::from_secs(10))
        };
        let ran = ran.ok()?;
        let (body, status) = ran.rsplit_once('\n').ok_or("no status")?;
        let status = status.parse().map_err(|_| format!("no status: {ran}"))?;
        Ok(Answer { status, body: body.to_owned() })
    }

    /// What redis-cli gets from the database at the virtual address.
    pub fn redis(&self, password: &str, command: &[&str]) -> String {
        let vip = setting("ACD_VIP");
        let line = ["redis-cli", "-h", &vip, "-p", "12000", "--no-auth-warning", "-a", password];
        let ran = self.run(&[&line, command].concat());
        format!("{}{}", ran.out, ran.err).trim().to_owned()
    }

    /// Asks again and again, until `over`: console, REST API and database through the virtual address.
    pub fn watch_data_tier(&self) -> Process {
        let [vip, user] = ["ACD_VIP", "RE_ADMIN_USER"].map(setting);
        let [admin, database] = ["RE_ADMIN_PASSWORD", "RE_DATABASE_PASSWORD"].map(setting);
        // Each line is a time in ms, what was asked, and 1 when it answered.
        let script = format!(
            "watch() {{ while [ ! -e /tmp/over ]; do local good=0; eval \"$2\" && good=1\n\
             echo \"$(date +%s%3N) $1 $good\" >&2; sleep 0.1; done; }}\n\
             page() {{ [ \"$(curl -sk -m 1 -o /dev/null -w '%{{http_code}}' \"$@\")\" = 200 ]; }}\n\
             rm -f /tmp/over\n\
             watch console 'page https://{vip}:8443/' &\n\
             watch rest 'page -u {user}:{admin} https://{vip}:9443/v1/bdbs' &\n\
             watch database '[ \"$(timeout 1 redis-cli -h {vip} -p 12000 --no-auth-warning -a {database} \
             INCR acd-test-$((RANDOM % 8)) 2>/dev/null)\" -gt 0 ] 2>/dev/null' &\n\
             wait"
        );
        self.script(&script)
    }

    /// Ends the watch; gives what came of each of the three.
    pub fn end_watch(&self, watch: Process) -> [Watched; 3] {
        assert_eq!(self.run(&["touch", "/tmp/over"]).code, Some(0));
        let said = watch.wait(Duration::from_secs(30)).err;
        ["console", "rest", "database"].map(|name| {
            let answers = said.lines().filter_map(|line| {
                let [at, what, good] = line.split(' ').collect::<Vec<_>>().try_into().ok()?;
                (what == name).then_some((at.parse::<u64>().ok()?, good == "1"))
            });
            let answers: Vec<(u64, bool)> = answers.collect();
            let good: Vec<u64> = answers.iter().filter(|(_, ok)| *ok).map(|(at, _)| *at).collect();
            let gap = good.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).max();
            Watched {
                what: name,
                answered: good.len(),
                failed: answers.len() - good.len(),
                gap_ms: gap.unwrap_or(u64::MAX),
            }
        })
    }
}
