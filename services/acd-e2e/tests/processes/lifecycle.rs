//! Everything that can happen to contacts and agents, once.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Answer, Ask, Client};

/// Takes an empty, open center `main` through all of it.
pub(crate) async fn all_of_it(client: &Client) {
    let agents: [(&str, &[&str]); 2] = [("ann", &["english", "größe"]), ("bob", &["english"])];
    client.ready_agents(&agents).await;
    a_contact_is_routed(client).await;
    contacts_end_in_every_way(client).await;
    agents_come_and_go(client).await;
    the_classic_way(client).await;
}

async fn a_contact_is_routed(client: &Client) {
    // What a user gave us comes back to the letter.
    let attributes =
        json!({ "list": [], "map": {}, "none": null, "number": 1e300, "text": "\"ü\\\n" });
    let body = json!({ "id": "a", "skills": ["größe", "english"], "attributes": attributes });
    let created = client.call(Ask::post("contacts").body(body.clone())).await;
    let created = created.expect(201);
    assert_eq!(created["skills"], body["skills"]);
    let repeated = client.call(Ask::post("contacts").body(body)).await;
    assert_eq!(repeated.expect(200)["queued_at"], created["queued_at"]);

    let assigned = client.contact_in("assigned", "a").await;
    assert_eq!(assigned["agent"], "ann");
    assert_eq!(assigned["attributes"], attributes);
    let why = client.get("contacts/a/explain").await;
    assert_eq!(why["decision"]["agent"], "ann", "{why}");
    assert_eq!(client.get("agents/ann").await["contact"], "a");
    let completed = client.complete("a").await;
    assert_eq!(completed["state"], "completed");
    assert_eq!(client.complete("a").await, completed);
}

async fn contacts_end_in_every_way(client: &Client) {
    client.create_contact("waits", &["latin"]).await;
    let too_early = act(client, "waits", "complete").await.expect(409);
    assert_eq!(too_early["type"], "/problems/state_conflict");
    let why = client.get("contacts/waits/explain").await;
    assert_eq!(why["waiting"]["missing"], json!(["latin"]), "{why}");
    let abandoned = act(client, "waits", "abandon").await.expect(200);
    assert_eq!(abandoned["state"], "abandoned");
    client.create_contact("wrong", &["latin"]).await;
    let canceled = act(client, "wrong", "cancel").await.expect(200);
    assert_eq!(canceled["state"], "canceled");

    client.create_contact("back", &["größe"]).await;
    let first = client.contact_in("assigned", "back").await;
    let back = act(client, "back", "requeue").await.expect(200);
    assert_eq!(back["requeues"], 1);
    let again = client.contact_in("assigned", "back").await;
    assert_eq!(again["queued_at"], first["queued_at"]);
    client.complete("back").await;

    set_open(client, false).await;
    let late = client.create_contact("late", &[]).await;
    assert_eq!((&late["state"], &late["reason"]), (&json!("rejected"), &json!("closed")));
    set_open(client, true).await;
}

async fn agents_come_and_go(client: &Client) {
    let change = json!({ "first_name": "Ann", "attributes": { "team": [] } });
    let changed = call(client, Method::PATCH, "agents/ann", change).await;
    assert_eq!(changed.expect(200)["attributes"], json!({ "team": [] }));

    client.create_contact("b", &["latin"]).await;
    let learned = client.call(Ask::put("agents/bob/skills/latin")).await;
    assert_eq!(learned.expect(200)["skills"], json!(["english", "latin"]));
    client.contact_in("assigned", "b").await;
    let meal = json!({ "presence": "not_ready", "reason": "meal" });
    let bob = client.set_presence("bob", meal).await;
    assert_eq!((&bob["presence"], &bob["work"]), (&json!("ready"), &json!("busy")));
    client.complete("b").await;
    let bob = client.get("agents/bob").await;
    assert_eq!((&bob["presence"], &bob["reason"]), (&json!("not_ready"), &json!("meal")));

    client.create_contact("c", &["größe"]).await;
    client.contact_in("assigned", "c").await;
    let busy = call(client, Method::DELETE, "agents/ann", json!(null)).await;
    assert_eq!(busy.expect(409)["type"], "/problems/agent_busy");
    call(client, Method::DELETE, "agents/ann?force=true", json!(null)).await.expect(204);
    assert_eq!(client.get("contacts/c").await["state"], "queued");
    let eva: [(&str, &[&str]); 1] = [("eva", &["größe"])];
    client.ready_agents(&eva).await;
    assert_eq!(client.contact_in("assigned", "c").await["agent"], "eva");
    client.complete("c").await;
    let unlearned = call(client, Method::DELETE, "skills/latin", json!(null)).await;
    assert_eq!(unlearned.expect(200)["agents"], 1);
}

/// Of a program that was written for the ACD before.
async fn the_classic_way(client: &Client) {
    let agent = json!({ "fname": "Zoe", "lname": "Zed", "skills": ["Billing"] });
    let key = "/agent/agent:zoe";
    client.call(Ask::post(key).body(agent)).await.expect(201);
    let state = json!({ "state": 1 });
    call(client, Method::PATCH, "/agent/agent:zoe/state", state).await.expect(200);
    let contact = client.call(Ask::post("/contact").body(json!({ "skills": ["Billing"] }))).await;
    let contact = contact.expect(201);
    let path = format!("/contact/{}", contact["contact_key"].as_str().unwrap());
    let id = path.strip_prefix("/contact/contact:").unwrap();
    client.contact_in("assigned", id).await;
    let shown = client.get(&path).await;
    assert_eq!(shown, json!({ "skills": ["Billing"], "state": 2, "agent": "agent:zoe" }));
    call(client, Method::PATCH, &path, json!(null)).await.expect(200);
    assert_eq!(client.get(&path).await["state"], 3);
}

async fn act(client: &Client, contact: &str, action: &str) -> Answer {
    client.call(Ask::post(&format!("contacts/{contact}/{action}"))).await
}

/// A request with a body, or none for `null`.
async fn call(client: &Client, method: Method, path: &str, body: serde_json::Value) -> Answer {
    let ask = Ask::new(method, path);
    let ask = if body.is_null() { ask } else { ask.body(body) };
    client.call(ask).await
}

async fn set_open(client: &Client, open: bool) {
    let center = Ask::put("/v1/centers/main").body(json!({ "open": open }));
    client.call(center).await.expect(200);
}
