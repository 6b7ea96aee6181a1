use serde_json::{Value, json};

use super::*;
use crate::cluster::{License, MASKED, Module, Node};

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
    assert_eq!(cluster.bdbs[&1].shard_memory(), 128 << 20);
}

#[test]
fn refuses_what_the_real_one_refuses() {
    let all = &[1, 2, 3];
    let cases = [
        (json!({"port": 9443}), 406, "port_unavailable"),
        (json!({"sharding": false}), 406, "invalid_sharding"),
        (json!({"shard_key_regex": []}), 406, "invalid_sharding"),
        (json!({"shard_key_regex": [{"regex": ".*"}]}), 406, "invalid_sharding"),
        (json!({"shards_count": 3}), 406, "insufficient_resources"),
        (json!({"memory_size": 1_u64 << 40}), 406, "insufficient_resources"),
        (json!({"memory_size": null}), 406, "missing_memory_size"),
        (json!({"name": null}), 406, "missing_db_name"),
        (json!({"name": "a b"}), 400, "invalid_schema"),
        (json!({"module_list": [{"module_name": "ReJSON"}]}), 406, "missing_module"),
        (json!({"max_client_pipeline": 2048}), 400, "invalid_schema"),
        (json!({"max_client_pipeline": 0}), 400, "invalid_schema"),
        (
            json!({"roles_permissions": [{"role_uid": 9, "redis_acl_uid": 1}]}),
            400,
            "invalid_schema",
        ),
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
    assert_eq!(refusal(&mut cluster, &other, &[1, 2, 3]), (406, "insufficient_resources"));
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
    assert_eq!(cluster.bdbs[&1].password.as_deref(), Some("new"));
}

#[test]
fn the_limits_of_the_shards_of_a_node_fit_into_88_percent_of_it() {
    // Node 2 has two of the four shards.
    let per_shard = (4_u64 << 30) / 100 * 88 / 2;
    let fits = json!({"memory_size": per_shard * 4});
    new_bdb(&mut cluster(), &with(&fits), &[1, 2, 3]).unwrap();
    let too_large = with(&json!({"memory_size": per_shard * 4 + 4}));
    let refused = new_bdb(&mut cluster(), &too_large, &[1, 2, 3]).unwrap_err();
    assert_eq!(refused.code, "insufficient_resources");
    assert_eq!(refused.description, "Cannot allocate nodes for shards");

    let mut cluster = cluster();
    new_bdb(&mut cluster, &with(&json!({})), &[1, 2, 3]).unwrap();
    cluster.bdbs.get_mut(&1).unwrap().status = BdbStatus::Active;
    let refused = change_bdb(&mut cluster, 1, &too_large, &[1, 2, 3]).unwrap_err();
    assert_eq!(refused.code, "insufficient_resources");
}

#[test]
fn a_small_definition_without_uid_and_replicas_that_asks_for_json_is_accepted() {
    let mut cluster = cluster();
    cluster.modules = vec![Module { name: "ReJSON".into(), version: "2.8.9".into() }];
    let definition = json!({
        "name": "redb", "type": "redis", "port": 12000, "memory_size": 10_485_760,
        "replication": false, "sharding": true, "shards_count": 2, "proxy_policy": "all-nodes",
        "shard_key_regex": [{"regex": ".*\\{(?<tag>.*)\\}.*"}, {"regex": "(?<tag>.*)"}],
        "authentication_redis_pass": "redis",
        "module_list": [{
            "module_name": "ReJSON", "module_args": "", "module_id": "0", "semantic_version": "2.8.9",
        }],
    });
    let request = serde_json::from_value(definition).unwrap();
    assert_eq!(new_bdb(&mut cluster, &request, &[1, 2, 3]), Ok(1));
    assert_eq!(cluster.bdbs[&1].max_client_pipeline, 200);
    assert_eq!(cluster.bdbs[&1].shard_memory(), 5 << 20);
}

#[test]
fn the_password_is_shown_unless_it_is_masked() {
    let mut cluster = cluster();
    let request = with(&json!({"authentication_redis_pass": "s3cret"}));
    new_bdb(&mut cluster, &request, &[1, 2, 3]).unwrap();
    assert_eq!(cluster.show_bdb(1).unwrap()["authentication_redis_pass"], "s3cret");
    cluster.mask_bdb_credentials = true;
    let shown = cluster.show_bdb(1).unwrap();
    assert_eq!(shown["authentication_redis_pass"], MASKED);
    assert!(!shown.to_string().contains("s3cret"));
}
