//! A node comes back with an empty disk, after a stop of everything: nobody could be promoted meanwhile.

use std::time::Duration;

use super::{home, slots};
use crate::harness::{Stack, docker, project, say};

/// How long `scripts/start.sh` may take to give up.
const GIVES_UP: Duration = Duration::from_secs(240);

pub(crate) fn its_replica_keeps_what_it_has(stack: &Stack) {
    stack.fail_over(&["--home"]);
    slots::write(stack);
    stack.stop(&[]);
    docker(&["rm", &stack.one("redis1").id]);
    docker(&["volume", "rm", &format!("{}_redis1_data", project())]);
    say("starting with an empty disk");
    let ran = stack.starting().wait(GIVES_UP);
    assert_ne!(ran.code, Some(0), "nobody can know that redis2 has everything");
    assert!(ran.all().contains("how-to/recover-a-lost-disk.md"), "{}", ran.all());
    // As that page tells.
    let takeover = "REDISCLI_AUTH=$REDIS_PASSWORD acd-redis-cli -p 6381 CLUSTER FAILOVER TAKEOVER";
    stack.compose(&["exec", "-T", "redis2", "sh", "-c", takeover]);
    stack.start();
    stack.whole();
    home(stack);
}
