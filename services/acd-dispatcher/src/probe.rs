//! Health, readiness and metrics of a dispatcher.

use std::sync::Arc;

use acd_process::listener::Probe;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Value, json};

use crate::Shared;

/// The state of one dispatcher.
pub(crate) struct Dispatching {
    pub(crate) shared: Arc<Shared>,
    pub(crate) metrics: PrometheusHandle,
}

impl Probe for Dispatching {
    /// The partitions whose loop hangs. An unavailable Redis is not a fault of the process.
    fn sick(&self) -> Option<Value> {
        let stalled = self.shared.pulse.stalled();
        (!stalled.is_empty()).then(|| json!({ "status": "stalled", "partitions": stalled }))
    }

    /// The partitions that can't be reached.
    fn unready(&self) -> Option<Value> {
        let lost = self.shared.reach.lost();
        (!lost.is_empty()).then(|| json!({ "status": "redis_lost", "partitions": lost }))
    }

    async fn metrics(&self) -> String {
        let mut text = self.metrics.render();
        acd_store::scrape::centers(&mut text, &self.shared.store).await;
        text
    }
}
