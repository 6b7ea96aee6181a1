//! `rladmin status`: tables in columns.

use std::fmt::Write;

use serde_json::Value;

/// The tables that are asked for, or all of them.
pub(super) fn show(all: &Value, tables: &[String]) -> String {
    let mut out = String::new();
    let wanted = |name: &str| tables.is_empty() || tables.iter().any(|table| table == name);
    if tables.is_empty() {
        let state = if all["quorum"] == true { "OK" } else { "ERROR: no quorum" };
        let master = all["primary"].as_u64().map_or("none".into(), |uid| uid.to_string());
        let _ = writeln!(
            out,
            "CLUSTER: {} ({})\n{state}. Cluster master: {master}\n",
            text(&all["cluster"]),
            text(&all["product"])
        );
    }
    for (name, title, header, rows) in [
        ("nodes", "CLUSTER NODES", NODES, nodes(all)),
        ("databases", "DATABASES", DATABASES, databases(all)),
        ("endpoints", "ENDPOINTS", ENDPOINTS, endpoints(all)),
        ("shards", "SHARDS", SHARDS, shards(all)),
    ] {
        if wanted(name) {
            let _ = writeln!(out, "{title}:\n{}", table(header, &rows));
        }
    }
    out
}

const NODES: &[&str] =
    &["NODE:ID", "ROLE", "ADDRESS", "HOSTNAME", "SHARDS", "CORES", "VERSION", "STATUS"];
const DATABASES: &[&str] = &[
    "DB:ID",
    "NAME",
    "TYPE",
    "STATUS",
    "SHARDS",
    "PLACEMENT",
    "REPLICATION",
    "PERSISTENCE",
    "ENDPOINT",
];
const ENDPOINTS: &[&str] = &["DB:ID", "NAME", "ID", "NODE", "ROLE", "SSL"];
const SHARDS: &[&str] = &["DB:ID", "NAME", "ID", "NODE", "ROLE", "SLOTS", "STATUS"];

fn rows<'a>(all: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    all[name].as_array().into_iter().flatten()
}

fn nodes(all: &Value) -> Vec<Vec<String>> {
    rows(all, "nodes")
        .map(|node| {
            let star = if node["uid"] == all["this_node"] { "*" } else { "" };
            let role = if node["uid"] == all["primary"] { "master" } else { "slave" };
            let status = if node["status"] == "active" {
                "OK".into()
            } else {
                text(&node["status"]).to_uppercase()
            };
            vec![
                format!("{star}node:{}", text(&node["uid"])),
                role.into(),
                text(&node["addr"]),
                text(&node["hostname"]),
                format!("{}/100", text(&node["shard_count"])),
                text(&node["cores"]),
                text(&node["software_version"]),
                status,
            ]
        })
        .collect()
}

fn databases(all: &Value) -> Vec<Vec<String>> {
    let enabled = |value: &Value| if *value == true { "enabled" } else { "disabled" }.to_owned();
    rows(all, "bdbs")
        .map(|bdb| {
            let endpoint = &bdb["endpoints"][0];
            vec![
                format!("db:{}", text(&bdb["uid"])),
                text(&bdb["name"]),
                text(&bdb["type"]),
                text(&bdb["status"]),
                text(&bdb["shards_count"]),
                text(&bdb["shards_placement"]),
                enabled(&bdb["replication"]),
                text(&bdb["data_persistence"]),
                format!("{}:{}", text(&endpoint["dns_name"]), text(&endpoint["port"])),
            ]
        })
        .collect()
}

fn endpoints(all: &Value) -> Vec<Vec<String>> {
    let mut table = Vec::new();
    for bdb in rows(all, "bdbs") {
        for node in rows(all, "nodes") {
            table.push(vec![
                format!("db:{}", text(&bdb["uid"])),
                text(&bdb["name"]),
                format!("endpoint:{}:1", text(&bdb["uid"])),
                format!("node:{}", text(&node["uid"])),
                text(&bdb["proxy_policy"]),
                "No".into(),
            ]);
        }
    }
    table
}

fn shards(all: &Value) -> Vec<Vec<String>> {
    rows(all, "shards")
        .map(|shard| {
            let bdb = rows(all, "bdbs").find(|bdb| bdb["uid"] == shard["bdb_uid"]);
            let status = if shard["status"] == "active" { "OK" } else { "DOWN" };
            vec![
                format!("db:{}", text(&shard["bdb_uid"])),
                bdb.map(|bdb| text(&bdb["name"])).unwrap_or_default(),
                format!("redis:{}", text(&shard["uid"])),
                format!("node:{}", text(&shard["node_uid"])),
                text(&shard["role"]),
                text(&shard["assigned_slots"]),
                status.into(),
            ]
        })
        .collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".into(),
        other => other.to_string(),
    }
}

fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
    let lines: Vec<&Vec<String>> = std::iter::once(&header).chain(rows).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    lines.into_iter().fold(String::new(), |mut out, line| {
        let cells: Vec<String> =
            line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        out += cells.join(" ").trim_end();
        out + "\n"
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shows_tables_in_columns() {
        let all = json!({
            "cluster": "a.local", "product": "EMULATOR", "quorum": true, "primary": 1,
            "this_node": 2,
            "nodes": [
                {"uid": 1, "addr": "10.0.0.1", "hostname": "re1", "shard_count": 1, "cores": 2,
                 "software_version": "8", "status": "active"},
                {"uid": 2, "addr": "10.0.0.2", "hostname": "re2", "shard_count": 0, "cores": 2,
                 "software_version": "8", "status": "down"},
            ],
            "bdbs": [], "shards": [],
        });
        let out = show(&all, &["nodes".into()]);
        let lines: Vec<&str> = out.lines().collect();
        assert!(lines[2].starts_with("node:1  master 10.0.0.1"), "{out}");
        assert!(lines[3].starts_with("*node:2 slave") && lines[3].ends_with("DOWN"), "{out}");
        assert!(show(&all, &[]).contains("EMULATOR"));
    }
}
