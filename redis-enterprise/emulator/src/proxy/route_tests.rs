use super::*;
use crate::proxy::slots::tests::default_rules;

fn plan(line: &str) -> Plan {
    let router = Router { rules: Some(default_rules()), last_slots: vec![8191, 16383] };
    router.plan(&Command::new(&line.split(' ').collect::<Vec<_>>()))
}

// "{b}" is slot 3300, "{a}" is slot 15495.
#[test]
fn a_key_leads_to_its_shard() {
    assert_eq!(plan("GET {b}x"), Plan::Shard { shard: 0, slot: 3300 });
    assert_eq!(plan("GET {a}x"), Plan::Shard { shard: 1, slot: 15495 });
    assert_eq!(plan("EVALSHA 0 2 {a}x {a}y {b}"), Plan::Shard { shard: 1, slot: 15495 });
    assert_eq!(plan("SSUBSCRIBE {a}"), Plan::Tunnel(1));
}

#[test]
fn keys_of_several_slots_are_refused_but_for_six_commands() {
    for line in ["EVAL return 2 {a} {b}", "BLPOP {a} {b} 0", "RENAME {a} {b}", "SINTER {a} {b}"] {
        assert_eq!(plan(line), Plan::Refuse(CROSSSLOT.into()), "{line}");
    }
    let command = |line: &str| Command::new(&line.split(' ').collect::<Vec<_>>());
    let parts = vec![(1, command("MGET {a}1 {a}2")), (0, command("MGET {b}"))];
    let merge = Merge::Gather(vec![vec![0, 2], vec![1]]);
    assert_eq!(plan("MGET {a}1 {b} {a}2"), Plan::Spread(parts, merge));
    let parts = vec![(1, command("MSET {a} 1")), (0, command("MSET {b} 2"))];
    assert_eq!(plan("MSET {a} 1 {b} 2"), Plan::Spread(parts, Merge::First));
}

#[test]
fn refuses_what_the_real_proxy_refuses() {
    for line in [
        "ROLE",
        "CLUSTER INFO",
        "CONFIG SET maxmemory 1",
        "CONFIG RESETSTAT",
        "LATENCY DOCTOR",
        "SCRIPT DEBUG YES",
        "SHUTDOWN",
        "MEMORY DOCTOR x",
        "SAVE",
    ] {
        assert!(matches!(plan(line), Plan::Refuse(_)), "{line}");
    }
    assert_eq!(plan("CONFIG GET slowlog-max-len"), Plan::Any);
    assert_eq!(plan("LATENCY HISTOGRAM"), Plan::Any);
}

#[test]
fn a_scan_goes_through_one_shard_after_the_other() {
    let part = |line: &str| Command::new(&line.split(' ').collect::<Vec<_>>());
    let merge = |shard| Merge::Scan { shard, shards: 2 };
    assert_eq!(plan("SCAN 0"), Plan::Spread(vec![(0, part("SCAN 0"))], merge(0)));
    assert_eq!(plan("SCAN 15"), Plan::Spread(vec![(1, part("SCAN 7"))], merge(1)));
}
