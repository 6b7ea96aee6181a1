//! `acd healthcheck`: for containers whose image has no curl.

use std::{io::Write, process::ExitCode, time::Duration};

use anyhow::Context;

use crate::process;

#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Args {
    /// URL to request (HTTP only). The default port of the dispatcher is 8001
    #[arg(long, env = "ACD_HEALTHCHECK_URL", default_value = "http://127.0.0.1:8000/healthz")]
    #[arg(value_parser = http_url)]
    url: reqwest::Url,
}

fn http_url(text: &str) -> Result<reqwest::Url, String> {
    match text.parse::<reqwest::Url>() {
        Ok(url) if url.scheme() == "http" => Ok(url),
        Ok(_) => Err("expected http://…".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let asked = process::runtime()?.block_on(ask(&args.url));
    let (line, code) = match asked {
        Ok(line) => (line, ExitCode::SUCCESS),
        Err(error) => (format!("unhealthy: {error:#}"), ExitCode::FAILURE),
    };
    writeln!(std::io::stdout(), "{line}").context("write to standard output")?;
    Ok(code)
}

/// Whether `url` answers with a status of success.
pub(crate) async fn succeeds(url: &str) -> bool {
    match http_url(url) {
        Ok(url) => ask(&url).await.is_ok(),
        Err(_) => false,
    }
}

async fn ask(url: &reqwest::Url) -> anyhow::Result<String> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(2))
        .build()
        .context("make a client")?;
    let status = client.get(url.clone()).send().await?.status();
    anyhow::ensure!(status.is_success(), "{url} answered {status}");
    Ok(format!("healthy: {url} answered {status}"))
}
