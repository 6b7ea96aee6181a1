//! What a bootstrap is asked for, and what a node that joins asks another.

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::{
    cluster::{Module, Node},
    refused::Refused,
};

/// The bootstrap object: the parts of it that we look at.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct BootstrapRequest {
    action: Option<String>,
    cluster: ClusterIdentity,
    node: NodeIdentity,
    credentials: Credentials,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ClusterIdentity {
    name: Option<String>,
    nodes: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NodeIdentity {
    identity: NodeAddress,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NodeAddress {
    addr: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Credentials {
    username: String,
    password: String,
}

/// A bootstrap that makes sense.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(super) name: String,
    /// Nodes of the cluster to join; none: make one.
    pub(super) join: Vec<IpAddr>,
    pub(super) address: IpAddr,
    pub(super) username: String,
    pub(super) password: String,
}

/// What a node that joins tells of itself.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JoinQuestion {
    pub(crate) node: Node,
    /// Seconds since 1970 there.
    pub(crate) clock: i64,
}

/// What it is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JoinAnswer {
    pub(crate) uid: u32,
    pub(crate) cluster: String,
    pub(crate) secret: String,
    pub(crate) nodes: BTreeMap<u32, IpAddr>,
    /// Where the configuration store's primary is.
    pub(crate) primary: IpAddr,
    /// The modules that every node of the cluster has.
    pub(crate) modules: Vec<Module>,
}

impl BootstrapRequest {
    /// Checks everything that can be known before anything is tried.
    pub(crate) fn check(self, action: &str, own: IpAddr) -> Result<Checked, Refused> {
        let wrong = |sentence: &str| Err(Refused::invalid_schema(sentence));
        if self.action.as_deref().is_some_and(|named| named != action) {
            return wrong("the action of the body is not that of the path");
        }
        let Credentials { username, password } = self.credentials;
        if !username.contains('@') || username.contains(['&', '<', '>', '"']) {
            return wrong("credentials.username is an e-mail address");
        }
        if password.is_empty() {
            return wrong("credentials.password is missing");
        }
        let address = match self.node.identity.addr.as_deref().map(str::parse) {
            None => own,
            Some(Ok(IpAddr::V4(address))) => IpAddr::V4(address),
            Some(_) => return wrong("node.identity.addr is an IPv4 address"),
        };
        let name = self.cluster.name.unwrap_or_default();
        let join = match action {
            "create_cluster" => {
                if !is_host_name(&name) {
                    return wrong("cluster.name is a host name of at most 64 characters");
                }
                Vec::new()
            }
            "join_cluster" => {
                let nodes: Result<Vec<IpAddr>, _> =
                    self.cluster.nodes.iter().map(|node| node.parse()).collect();
                match nodes {
                    Ok(nodes) if !nodes.is_empty() => nodes,
                    _ => return wrong("cluster.nodes has IP addresses of nodes to join"),
                }
            }
            "recover_cluster" => return wrong("the emulator does not recover clusters"),
            _ => return wrong("there is no such action"),
        };
        Ok(Checked { name, join, address, username, password })
    }
}

fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let edges = label.starts_with('-') || label.ends_with('-');
        !label.is_empty() && label.len() <= 63 && !edges && label.chars().all(inner)
    };
    name.len() <= 64 && name.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(action: &str, body: Value) -> Result<Checked, Refused> {
        let request: BootstrapRequest = serde_json::from_value(body).unwrap();
        request.check(action, IpAddr::from([10, 0, 0, 1]))
    }

    #[test]
    fn takes_the_two_actions() {
        let who = json!({"username": "a@b.c", "password": "p"});
        let node = json!({"identity": {"addr": "10.0.0.7"}, "paths": {}});
        let create = json!({"action": "create_cluster", "cluster": {"nodes": [], "name": "a.local"},
            "node": node, "credentials": who});
        let made = check("create_cluster", create).unwrap();
        assert_eq!((made.address, made.join), (IpAddr::from([10, 0, 0, 7]), vec![]));
        let join = json!({"cluster": {"nodes": ["10.0.0.7"]}, "credentials": who});
        let made = check("join_cluster", join).unwrap();
        assert_eq!((made.address, made.join.len()), (IpAddr::from([10, 0, 0, 1]), 1));
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        let who = json!({"username": "a@b.c", "password": "p"});
        let named = |name: &str| json!({"cluster": {"name": name}, "credentials": who});
        for (action, body) in [
            ("create_cluster", named("a_b")),
            ("create_cluster", named("")),
            ("join_cluster", named("a.local")),
            ("recover_cluster", named("a.local")),
            ("create_cluster", json!({"cluster": {"name": "a.local"}})),
            ("create_cluster", json!({"action": "join_cluster", "cluster": {"name": "a"}})),
        ] {
            let refused = check(action, body.clone()).unwrap_err();
            assert_eq!(refused.status.as_u16(), 400, "{body}");
        }
    }
}
