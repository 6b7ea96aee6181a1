//! Logs and metrics of a process.

use std::{
    io::IsTerminal,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::lifecycle::Lifecycle;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// `human` on a terminal, `json` elsewhere.
    #[default]
    Auto,
    /// One JSON object a line.
    Json,
    /// Lines for people.
    Human,
}

/// What is logged, and how.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Logging")]
pub struct LogArgs {
    /// Log level (error, warn, info, debug, trace) or a filter such as `info,acd=debug`
    #[arg(long, env = "ACD_LOG", default_value = "info", global = true)]
    pub log: String,
    /// Format of log lines
    #[arg(long, env = "ACD_LOG_FORMAT", default_value = "auto", value_enum, global = true)]
    pub log_format: LogFormat,
}

impl LogArgs {
    /// Starts logging to standard error (standard output belongs to reports).
    ///
    /// # Errors
    /// When the filter can't be parsed, or logging was started before.
    pub fn install(&self) -> anyhow::Result<()> {
        let filter = EnvFilter::try_new(&self.log)
            .with_context(|| format!("ACD_LOG: {:?} is not a log filter", self.log))?;
        let json = match self.log_format {
            LogFormat::Json => true,
            LogFormat::Human => false,
            LogFormat::Auto => !std::io::stderr().is_terminal(),
        };
        let lines = fmt::layer().with_writer(std::io::stderr);
        let lines = if json {
            lines.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
        } else {
            lines.with_target(false).with_ansi(std::io::stderr().is_terminal()).boxed()
        };
        tracing_subscriber::registry().with(filter).with(lines).try_init().context("start logging")
    }
}

/// Buckets in seconds for durations of milliseconds.
const FAST_S: &[f64] =
    &[0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Buckets in seconds for the waiting times of contacts.
const SLOW_S: &[f64] =
    &[0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];

/// The metrics of the process. The recorder is installed on first use, because a process has only one,
/// also where tests start several roles in it.
///
/// # Errors
/// When another recorder is installed already, or a bucket list is empty.
pub fn metrics(lifecycle: &Lifecycle) -> anyhow::Result<PrometheusHandle> {
    static HANDLE: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut made = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = made.as_ref() {
        return Ok(handle.clone());
    }
    let handle = PrometheusBuilder::new()
        .set_buckets(FAST_S)?
        .set_buckets_for_metric(Matcher::Full("acd_contact_wait_seconds".into()), SLOW_S)?
        .install_recorder()
        .context("install the metrics recorder")?;
    *made = Some(handle.clone());
    // Histograms keep every sample until they are drained, which the exporter does not do itself.
    let (upkeep, stopping) = (handle.clone(), lifecycle.token());
    lifecycle.spawn(async move {
        while tokio::time::timeout(Duration::from_secs(5), stopping.cancelled()).await.is_err() {
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}
