use serde_json::{Value, json};

use super::*;
use crate::cluster::{License, Node};

const DEFINITION: &str = include_str!("../../../database.json");

fn cluster() -> Cluster {
    let node = |last: u8| Node {
        address: [10, 0, 0, last].into(),
        hostname: format!("re{last}"),
        cores: 2,
        memory: 4 << 30,
        joined: true,
        since: String::new(),
    };
    Cluster {
        name: "a.local".into(),
        license: License::trial("a.local", 30),
        nodes: [(1, node(1)), (2, node(2)), (3, node(3))].into(),
        ..Cluster::default()
    }
}

/// The definition that we ship, with changes.
fn with(changes: &Value) -> BdbRequest {
    let mut definition: Value = serde_json::from_str(DEFINITION).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        definition[name] = value.clone();
    }
    serde_json::from_value(definition).unwrap()
}

fn refusal(cluster: &mut Cluster, changes: &Value, active: &[u32]) -> (u16, &'static str) {
    let refused = new_bdb(cluster, &with(changes), active).unwrap_err();
    (refused.status.as_u16(), refused.code)
}

#[test]
fn our_definition_becomes_two_shards_with_replicas_elsewhere() {
    let mut cluster = cluster();
    assert_eq!(new_bdb(&mut cluster, &with(&json!({})), &[1, 2, 3]), Ok(1));
    let shards: Vec<_> = cluster.shards_of(1).map(|(_, s)| (s.node, s.slots, s.first)).collect();
    let (low, high) = ((0, 8191), (8192, 16383));
    assert_eq!(shards, [(1, low, true), (2, low, false), (2, high, true), (3, high, false)]);
    assert_eq!(cluster.bdbs[&1].shard_memory(), 64 << 20);
}

#[test]
fn refuses_what_the_real_one_refuses() {
    let all = &[1, 2, 3];
    let cases = [
        (json!({"port": 9443}), 406, "port_unavailable"),
        (json!({"sharding": false}), 406, "invalid_sharding"),
        (json!({"shard_key_regex": []}), 406, "invalid_sharding"),
        (json!({"shard_key_regex": [{"regex": ".*"}]}), 406, "invalid_sharding"),
        (json!({"shards_count": 3}), 403, "license_violation"),
        (json!({"memory_size": 1_u64 << 40}), 406, "insufficient_resources"),
        (json!({"memory_size": null}), 406, "missing_memory_size"),
        (json!({"name": null}), 406, "missing_db_name"),
        (json!({"name": "a b"}), 400, "invalid_schema"),
        (json!({"module_list": [{"module_name": "ReJSON"}]}), 406, "missing_module"),
    ];
    for (changes, status, code) in cases {
        assert_eq!(refusal(&mut cluster(), &changes, all), (status, code), "{changes}");
    }
    assert_eq!(refusal(&mut cluster(), &json!({}), &[1]), (406, "invalid_replication"));
    let mut ended = cluster();
    ended.license = License::trial("a.local", 0);
    assert_eq!(refusal(&mut ended, &json!({}), all), (403, "license_expired"));
}

#[test]
fn a_second_one_is_one_too_many() {
    let mut cluster = cluster();
    new_bdb(&mut cluster, &with(&json!({})), &[1, 2, 3]).unwrap();
    assert_eq!(refusal(&mut cluster, &json!({}), &[1, 2, 3]), (409, "uid_exists"));
    let other = json!({"uid": 2});
    assert_eq!(refusal(&mut cluster, &other, &[1, 2, 3]), (406, "port_unavailable"));
    let other = json!({"uid": 2, "port": 12001});
    assert_eq!(refusal(&mut cluster, &other, &[1, 2, 3]), (403, "license_violation"));
}

#[test]
fn the_password_can_be_changed_and_the_shards_cannot() {
    let mut cluster = cluster();
    new_bdb(&mut cluster, &with(&json!({})), &[1, 2, 3]).unwrap();
    let change = |text: Value| serde_json::from_value::<BdbRequest>(text).unwrap();
    let password = || change(json!({"authentication_redis_pass": "new"}));
    let busy = change_bdb(&mut cluster, 1, &password(), &[1, 2, 3]).unwrap_err();
    assert_eq!(busy.code, "busy");
    cluster.bdbs.get_mut(&1).unwrap().status = BdbStatus::Active;
    let shards = change(json!({"shards_count": 4}));
    assert!(change_bdb(&mut cluster, 1, &shards, &[1, 2, 3]).is_err());
    change_bdb(&mut cluster, 1, &password(), &[1, 2, 3]).unwrap();
    assert!(cluster.bdbs[&1].password.as_ref().unwrap().is("new"));
}
