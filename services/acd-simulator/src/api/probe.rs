//! The smallest question to the ACD: one request on a connection of its own, one attempt, no mercy.

use std::time::Duration;

use acd_core::ids::CenterId;
use reqwest::{Client, Url};

use super::Cause;

/// Asks for a center: an answer has come all the way, through every balancer, an API and Redis.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    client: Client,
    url: String,
}

impl Probe {
    /// One that waits no longer than `limit`.
    pub(crate) fn new(url: &Url, center: &CenterId, limit: Duration) -> anyhow::Result<Self> {
        let client = Client::builder()
            .user_agent(concat!("acd-simulator/", env!("CARGO_PKG_VERSION"), " probe"))
            .timeout(limit)
            // A kept connection would tell of its own fate, not of who comes next.
            .pool_max_idle_per_host(0)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let url = format!("{}/v1/centers/{center}", url.as_str().trim_end_matches('/'));
        Ok(Self { client, url })
    }

    /// Asks once.
    pub(crate) async fn ask(&self) -> Result<(), Cause> {
        let response = self.client.get(&self.url).send().await.map_err(|e| Cause::of(&e))?;
        let status = response.status();
        response.bytes().await.map_err(|e| Cause::of(&e))?;
        if status.is_success() { Ok(()) } else { Err(Cause::Status(status.as_u16())) }
    }
}
