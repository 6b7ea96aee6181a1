//! What must hold when the load is over, whatever happened meanwhile.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    harness::{Client, poll},
    history::History,
};

/// Every contact of `acknowledged` was completed, nobody had two at once, nobody is stranded, and
/// all that the center keeps fits together. Returns the history, for what else a test asks.
pub(crate) async fn all_is_well(client: &Client, acknowledged: &[String]) -> History {
    nobody_is_stranded(client).await;
    consistent(client).await;
    let history = History::replay(&client.events().await);
    assert_eq!(history.impossible, [] as [String; 0]);
    assert_eq!(history.not_completed(acknowledged), [] as [&String; 0]);
    counted(client, &history).await;

    let ended = client.list("contacts?state=ended").await;
    let completed = ended.iter().filter(|c| c["state"] == "completed");
    let completed: HashSet<&str> = completed.filter_map(|c| c["id"].as_str()).collect();
    for id in acknowledged {
        assert!(completed.contains(id.as_str()), "{id} is not kept");
    }
    history
}

/// Every agent is available again, and nobody waits.
pub(crate) async fn nobody_is_stranded(client: &Client) {
    poll("end of all work", async || {
        let stats = client.get("stats").await;
        let all = &stats["agents"]["total"];
        let free = stats["agents"]["available"] == *all && *all != 0;
        (free && stats["waiting"] == 0 && stats["assigned"] == 0).then_some(())
    })
    .await;
}

/// `GET …/consistency` finds nothing.
pub(crate) async fn consistent(client: &Client) {
    let report = client.get("consistency").await;
    assert_eq!(report["violations"], Value::Array(Vec::new()), "{report}");
    assert_eq!(report["consistent"], true, "{report}");
}

/// The counters say what the log says.
async fn counted(client: &Client, history: &History) {
    let stats = client.get("stats").await;
    for (kind, count) in &history.counts {
        let (noun, verb) = kind.as_str().split_once('.').expect("noun.verb");
        let name = format!("{noun}s_{verb}");
        assert_eq!(stats["counters"][&name], *count, "{name} in {stats}");
    }
}
