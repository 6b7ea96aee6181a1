//! The pages: plain HTML, nothing loaded from anywhere.

use std::fmt::Write;

use serde_json::Value;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:0;color:#1c2733}\
header{background:#7a1f1f;color:#fff;padding:.6em 1.5em}main{padding:1em 1.5em;max-width:70em}\
table{border-collapse:collapse;margin:.5em 0 1.5em}th,td{border:1px solid #c9d1d9;padding:.3em .8em;\
text-align:left}th{background:#eef1f4}input{display:block;margin:.2em 0 .8em;padding:.4em;width:20em}\
button{padding:.4em 1.2em}.bad{color:#a40000}.good{color:#0a6b2e}";

/// A title, the list it is of, and its columns: a heading, and the field below it.
type Table = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const TABLES: [Table; 3] = [
    (
        "Nodes",
        "nodes",
        &[
            ("Node", "uid"),
            ("Address", "addr"),
            ("Host", "hostname"),
            ("Status", "status"),
            ("Shards", "shard_list"),
            ("Version", "software_version"),
        ],
    ),
    (
        "Databases",
        "bdbs",
        &[
            ("Database", "uid"),
            ("Name", "name"),
            ("Status", "status"),
            ("Port", "port"),
            ("Shards", "shards_count"),
            ("Replication", "replication"),
            ("Persistence", "data_persistence"),
            ("Endpoint", "proxy_policy"),
            ("Memory limit", "memory_size"),
        ],
    ),
    (
        "Shards",
        "shards",
        &[
            ("Shard", "uid"),
            ("Database", "bdb_uid"),
            ("Node", "node_uid"),
            ("Role", "role"),
            ("Slots", "assigned_slots"),
            ("Status", "status"),
        ],
    ),
];

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} – \
         EMULATOR</title><style>{STYLE}</style></head><body><header><strong>Redis Enterprise \
         EMULATOR</strong> – stands in for the real console, and is not it</header><main>{body}\
         </main></body></html>"
    )
}

/// A page that says one thing.
pub(super) fn message(text: &str) -> String {
    page("Console", &format!("<h1>Console</h1><p>{}</p>", escape(text)))
}

/// The page to log in with.
pub(super) fn login(node: u32, address: &str, why: &str) -> String {
    let why = if why.is_empty() { String::new() } else { format!("<p class=\"bad\">{why}</p>") };
    let body = format!(
        "<h1>Log in at node {node} ({address})</h1>{why}<form method=\"post\" action=\"/login\">\
         <label>E-mail<input name=\"username\" type=\"email\" autocomplete=\"username\" required>\
         </label><label>Password<input name=\"password\" type=\"password\" \
         autocomplete=\"current-password\" required></label><button>Log in</button></form>"
    );
    page("Log in", &body)
}

/// The whole cluster.
pub(super) fn overview(all: &Value, user: &str) -> String {
    let text = |name: &str| show(&all[name]);
    let quorum = if all["quorum"] == true {
        "<span class=\"good\">yes</span>"
    } else {
        "<span class=\"bad\">NO</span>"
    };
    let mut body = format!(
        "<h1>Cluster {}</h1><form method=\"post\" action=\"/logout\"><p>You are {} at \
         <strong>node {}</strong>; the primary is node {}; quorum: {quorum}. \
         <button>Log out</button></p></form>",
        text("cluster"),
        escape(user),
        text("this_node"),
        text("primary"),
    );
    for (title, list, columns) in TABLES {
        let _ = write!(body, "<h2>{title}</h2><table><tr>");
        for (name, _) in columns {
            let _ = write!(body, "<th>{name}</th>");
        }
        for row in all[list].as_array().into_iter().flatten() {
            body.push_str("</tr><tr>");
            for (_, field) in columns {
                let _ = write!(body, "<td>{}</td>", show(&row[*field]));
            }
        }
        body.push_str("</tr></table>");
    }
    page("Cluster", &body)
}

fn show(value: &Value) -> String {
    match value {
        Value::Null => "–".into(),
        Value::String(text) => escape(text),
        Value::Array(items) => items.iter().map(show).collect::<Vec<_>>().join(", "),
        other => escape(&other.to_string()),
    }
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn shows_what_is_there_and_says_what_it_is() {
        let all = json!({
            "cluster": "a.local", "this_node": 2, "primary": 1, "quorum": true,
            "nodes": [{"uid": 1, "hostname": "<b>re1</b>", "shard_list": [1, 2]}],
            "bdbs": [], "shards": [],
        });
        let page = overview(&all, "a@b.c");
        for part in ["EMULATOR", "node 2", "&lt;b&gt;re1", "<td>1, 2</td>"] {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("<b>re1"));
    }
}
