//! Flags that all subcommands take, and how the texts of flags become values.

use std::time::Duration;

use acd_core::ids::CenterId;
use acd_process::duration::at_most_a_day;
use reqwest::Url;
use tokio_util::sync::CancellationToken;

use crate::api::Api;

/// Which ACD, and how stubborn to be with it.
#[derive(Clone, Debug, clap::Args)]
pub struct Target {
    /// URL of the API: scheme, host and port
    #[arg(long, env = "ACD_URL", default_value = "http://127.0.0.1:8000", value_parser = url)]
    pub(crate) url: Url,
    /// How long to retry a call after a connection error, a time-out or a status of 5xx. Every call
    /// is safe to retry
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = at_most_a_day)]
    pub(crate) retry_for: Duration,
    /// Print the report as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

impl Target {
    /// Calls to it, most of them about `center`; no longer stubborn once `stopping` is.
    pub(crate) fn api(
        &self,
        center: &CenterId,
        stopping: CancellationToken,
    ) -> anyhow::Result<Api> {
        Api::new(&self.url, center.clone(), self.retry_for, stopping)
    }
}

/// An `http` URL without a path.
fn url(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|e| format!("{e}; it looks like http://host:8000"))?;
    if url.scheme() != "http" {
        return Err(format!("the scheme is {:?}, must be http", url.scheme()));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("only scheme, host and port; the paths are the API's".to_owned());
    }
    Ok(url)
}

/// A rate or a factor: from 0.001 to a million.
pub(crate) fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().map_err(|_| "not a number".to_owned())?;
    if (0.001..=1e6).contains(&rate) {
        Ok(rate)
    } else {
        Err("must be from 0.001 to 1000000".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_positive_number() {
        assert_eq!(rate("2.5"), Ok(2.5));
        for bad in ["0", "-1", "NaN", "inf", "x", "1000001"] {
            assert!(rate(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_plain_http_without_a_path() {
        assert_eq!(url("http://h:1").unwrap().as_str(), "http://h:1/");
        for bad in ["https://h", "h:1", "http://", "http://h/v1", "http://h?x", "redis://h"] {
            assert!(url(bad).is_err(), "{bad}");
        }
    }
}
