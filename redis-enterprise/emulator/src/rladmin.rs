//! `rladmin` on the node: asks the node's own REST API, as whoever may run it here.

mod parse;
mod status;

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Parser;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use self::parse::Action;
use crate::{app::token_path, faults, settings::Settings};

const BOOTSTRAP_WITHIN: Duration = Duration::from_secs(300);

/// Carries out what the command line says.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let action = parse::parse(words)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(carry_out(action))
}

#[expect(clippy::print_stdout, reason = "its output is what it is for")]
async fn carry_out(action: Action) -> anyhow::Result<()> {
    if let Action::Help = action {
        println!("{}", parse::HELP);
        return Ok(());
    }
    if let Action::FaultHelp = action {
        println!("{}", faults::HELP);
        return Ok(());
    }
    let node = Node::new()?;
    match action {
        Action::Help | Action::FaultHelp => {}
        Action::Faults(method, body) => {
            let active = node.ask(method, "/v1/emulator/faults", body.as_ref()).await?;
            for fault in active.as_array().into_iter().flatten() {
                println!("{}", fault.as_str().unwrap_or_default());
            }
        }
        Action::Create(body) => {
            print!("Creating a new cluster... ");
            node.bootstrap("create_cluster", &body).await?;
            println!("ok");
        }
        Action::Join(body) => {
            print!("Joining cluster... ");
            node.bootstrap("join_cluster", &body).await?;
            println!("ok");
        }
        Action::Config(change) => {
            node.ask(Method::PUT, "/v1/cluster", Some(&change)).await?;
            println!("Cluster configured successfully");
        }
        Action::Tune(change) => {
            node.ask(Method::PUT, "/v1/cluster/policy", Some(&change)).await?;
            println!("Finished successfully");
        }
        Action::Status(tables) => {
            let all = node.ask(Method::GET, "/v1/emulator/overview", None).await?;
            print!("{}", status::show(&all, &tables));
        }
    }
    Ok(())
}

/// The node that we are on.
struct Node {
    http: reqwest::Client,
    token: String,
}

impl Node {
    fn new() -> anyhow::Result<Self> {
        let path = token_path(&Settings::parse_from(["rladmin"]));
        let token = std::fs::read_to_string(&path);
        let token = token.with_context(|| {
            format!("the node has not started yet, or {} can't be read", path.display())
        })?;
        let http = reqwest::Client::builder()
            .danger_accept_invalid_certs(true)
            .timeout(Duration::from_secs(20))
            .build()?;
        Ok(Self { http, token })
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let mut request = self.http.request(method, format!("https://127.0.0.1:9443{path}"));
        request = request.bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.context("the node does not answer: is it starting?")?;
        let status = response.status();
        let answer: Value = response.json().await.unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        if status == StatusCode::SERVICE_UNAVAILABLE && text("error_code") == "not_in_cluster" {
            bail!("the node isn't configured: {}", text("description"));
        }
        bail!("{} ({status} {})", text("description"), text("error_code"))
    }

    async fn bootstrap(&self, action: &str, body: &Value) -> anyhow::Result<()> {
        self.ask(Method::POST, &format!("/v1/bootstrap/{action}"), Some(body)).await?;
        let until = Instant::now() + BOOTSTRAP_WITHIN;
        while Instant::now() < until {
            let answer = self.ask(Method::GET, "/v1/bootstrap", None).await?;
            let status = &answer["bootstrap_status"];
            match status["state"].as_str() {
                Some("completed") => return Ok(()),
                Some("error") => bail!(
                    "{}: {}",
                    status["error_code"].as_str().unwrap_or_default(),
                    status["error_details"]["message"].as_str().unwrap_or_default()
                ),
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
        bail!("not done within {BOOTSTRAP_WITHIN:?}: {}", json!(action))
    }
}
