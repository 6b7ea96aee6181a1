//! The command line of `rladmin`: words and values, without dashes.

use std::collections::HashMap;

use anyhow::{Context, bail};
use reqwest::Method;
use serde_json::{Map, Value, json};

pub(super) const HELP: &str = "\
rladmin of the Redis Enterprise EMULATOR. What it knows:

  rladmin cluster create name <cluster> username <e-mail> password <password> [addr <IP>]
  rladmin cluster join nodes <IP> username <e-mail> password <password> [addr <IP>]
  rladmin cluster config handle_redirects { enabled | disabled }
  rladmin tune cluster [ default_sharded_proxy_policy { single | all-master-shards | all-nodes } ]
                       [ default_non_sharded_proxy_policy { single | all-master-shards | all-nodes } ]
                       [ default_shards_placement { dense | sparse } ]
  rladmin status [ nodes | databases | endpoints | shards ]
  rladmin emulator fault [ help ]";

/// What is to be done.
#[derive(Debug, PartialEq)]
pub(super) enum Action {
    Help,
    Create(Value),
    Join(Value),
    Config(Value),
    Tune(Value),
    FaultHelp,
    /// How to ask about the faults of the node, and with what.
    Faults(Method, Option<Value>),
    /// Which tables; none are all.
    Status(Vec<String>),
}

/// Reads the command line.
pub(super) fn parse(words: &[String]) -> anyhow::Result<Action> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["help" | "?" | "--help" | "-h", ..] => Ok(Action::Help),
        ["cluster", "create", rest @ ..] => {
            let given = pairs(rest, &["name", "username", "password", "addr"])?;
            let name = *given.get("name").context("name is missing")?;
            Ok(Action::Create(bootstrap("create_cluster", &json!({ "name": name }), &given)?))
        }
        ["cluster", "join", rest @ ..] => {
            let given = pairs(rest, &["nodes", "username", "password", "addr"])?;
            let node = *given.get("nodes").context("nodes is missing")?;
            Ok(Action::Join(bootstrap("join_cluster", &json!({ "nodes": [node] }), &given)?))
        }
        ["cluster", "config", rest @ ..] => {
            let given = pairs(rest, &["handle_redirects"])?;
            match given.get("handle_redirects") {
                Some(&"enabled") => Ok(Action::Config(json!({ "handle_redirects": true }))),
                Some(&"disabled") => Ok(Action::Config(json!({ "handle_redirects": false }))),
                _ => bail!("handle_redirects is enabled or disabled"),
            }
        }
        ["tune", "cluster", rest @ ..] => {
            let known = [
                "default_sharded_proxy_policy",
                "default_non_sharded_proxy_policy",
                "default_shards_placement",
            ];
            let given = pairs(rest, &known)?;
            if given.is_empty() {
                bail!("nothing to tune: see rladmin help");
            }
            let change: Map<String, Value> =
                given.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
            Ok(Action::Tune(Value::Object(change)))
        }
        ["status", rest @ ..] => {
            let tables = ["nodes", "databases", "endpoints", "shards"];
            if let Some(unknown) = rest.iter().find(|word| !tables.contains(word)) {
                bail!(
                    "unknown parameter {unknown}: the emulator's status has {}",
                    tables.join(", ")
                );
            }
            Ok(Action::Status(rest.iter().map(|word| (*word).to_owned()).collect()))
        }
        ["emulator", "fault", "help"] => Ok(Action::FaultHelp),
        ["emulator", "fault"] | ["emulator", "fault", "list"] => {
            Ok(Action::Faults(Method::GET, None))
        }
        ["emulator", "fault", "clear"] => Ok(Action::Faults(Method::DELETE, None)),
        ["emulator", "fault", fault @ ..] => {
            Ok(Action::Faults(Method::POST, Some(json!({ "fault": fault.join(" ") }))))
        }
        _ => bail!("the emulator's rladmin has no such command: see rladmin help"),
    }
}

fn pairs<'w>(words: &[&'w str], known: &[&str]) -> anyhow::Result<HashMap<&'w str, &'w str>> {
    let mut given = HashMap::new();
    for pair in words.chunks(2) {
        let [name, value] = pair else { bail!("{} has no value", pair[0]) };
        if !known.contains(name) {
            bail!("the emulator does not know the parameter {name}");
        }
        given.insert(*name, *value);
    }
    Ok(given)
}

fn bootstrap(action: &str, cluster: &Value, given: &HashMap<&str, &str>) -> anyhow::Result<Value> {
    let username = *given.get("username").context("username is missing")?;
    let password = *given.get("password").context("password is missing")?;
    let identity = given.get("addr").map_or(json!({}), |addr| json!({ "addr": addr }));
    Ok(json!({
        "action": action,
        "cluster": cluster,
        "node": { "identity": identity },
        "credentials": { "username": username, "password": password },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> anyhow::Result<Action> {
        parse(&line.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn reads_what_the_documentation_shows() {
        let line = "cluster create name a.local username a@b.c password pw addr 10.0.0.1";
        let Action::Create(body) = parsed(line).unwrap() else { panic!("{line}") };
        assert_eq!(body["node"]["identity"]["addr"], "10.0.0.1");
        let Action::Join(body) =
            parsed("cluster join nodes 10.0.0.1 username a@b.c password pw").unwrap()
        else {
            panic!()
        };
        assert_eq!(body["cluster"]["nodes"], json!(["10.0.0.1"]));
        let change = json!({ "handle_redirects": true });
        assert_eq!(
            parsed("cluster config handle_redirects enabled").unwrap(),
            Action::Config(change)
        );
        let line =
            "tune cluster default_sharded_proxy_policy all-nodes default_shards_placement sparse";
        let Action::Tune(change) = parsed(line).unwrap() else { panic!("{line}") };
        assert_eq!(change["default_shards_placement"], "sparse");
        assert_eq!(parsed("status shards").unwrap(), Action::Status(vec!["shards".into()]));
        assert_eq!(parsed("").unwrap(), Action::Help);
        let fault = json!({ "fault": "no-quorum 5s" });
        let begun = Action::Faults(Method::POST, Some(fault));
        assert_eq!(parsed("emulator fault no-quorum 5s").unwrap(), begun);
        assert_eq!(parsed("emulator fault").unwrap(), Action::Faults(Method::GET, None));
    }

    #[test]
    fn refuses_the_rest() {
        for line in [
            "cluster create name a.local",
            "cluster create name",
            "cluster config handle_redirects on",
            "cluster config upgrade_mode enabled",
            "tune cluster",
            "tune db db:1",
            "status everything",
            "node 1 remove",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
