//! The last test: everything goes.

use std::time::Duration;

use crate::harness::{Tier, bring_back, docker, on, project, run};

#[test]
fn stop_with_volumes_leaves_nothing() {
    on(Tier::chosen(), "stop with volumes leaves nothing", |stack| {
        if stack.containers().is_empty() {
            stack.start();
        }
        stack.stop(&["--volumes"]);
        let ours = format!("label=com.docker.compose.project={}", project());
        for list in [&["container", "ls", "--all"][..], &["volume", "ls"], &["network", "ls"]] {
            let left = docker(&[list, &["--quiet", "--filter", &ours]].concat());
            assert_eq!(left.trim(), "", "a {} is left", list[0]);
        }
        // Once more is no failure.
        let again = run(&["scripts/stop.sh", "--volumes"], Duration::from_secs(60));
        assert_eq!(again.code, Some(0), "{}", again.all());
        bring_back();
    });
}
