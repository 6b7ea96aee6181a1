//! Asking a server whether it can be used.

use std::{net::SocketAddr, time::Duration};

use crate::resp::{Client, Value};

const LIMIT: Duration = Duration::from_secs(1);

/// Whether the server at `at` answers and has the role; a replica must have all of its primary's data.
pub(crate) async fn is_ready(at: SocketAddr, secret: &str, as_replica: bool) -> bool {
    let look = async {
        let mut client = Client::connect(at, secret, LIMIT).await?;
        let info = client.ask(&["INFO", "replication"]).await?;
        anyhow::Ok(match info {
            Value::Text(text) if as_replica => text.contains("master_link_status:up"),
            Value::Text(text) => text.contains("role:master"),
            _ => false,
        })
    };
    look.await.unwrap_or(false)
}
