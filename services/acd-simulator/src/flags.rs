//! Flags that all subcommands take, and how the texts of flags become values.

use std::time::Duration;

use acd_core::ids::CenterId;
use reqwest::Url;
use tokio_util::sync::CancellationToken;

use crate::api::Api;

/// Which ACD, and how stubborn to be with it.
#[derive(Clone, Debug, clap::Args)]
pub struct Target {
    /// Where the API answers: scheme, host and port
    #[arg(long, env = "ACD_URL", default_value = "http://127.0.0.1:8000", value_parser = url)]
    pub(crate) url: Url,
    /// How long to repeat a call that fails for want of a connection, a time-out or a 5xx (every
    /// call is safe to repeat)
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub(crate) retry_for: Duration,
    /// Prints the report as one JSON object
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

/// A time with its unit: `750ms`, `2.5s`, `3m`, `1h`; a day at most.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let scale = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "" => return Err("the unit is missing, such as 500ms, 20s, 3m".to_owned()),
        _ => return Err(format!("{unit:?} is no unit, take ms, s, m or h")),
    };
    let seconds = number.parse::<f64>().map_err(|_| format!("{number:?} is no number"))? * scale;
    if !(0.0..=86_400.0).contains(&seconds) {
        return Err("must be from 0s to 24h".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// A time that is not zero.
pub(crate) fn some_time(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    if time.is_zero() { Err("must be more than 0s".to_owned()) } else { Ok(time) }
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
    fn a_time_has_a_unit() {
        for (text, ms) in [("750ms", 750), ("2.5s", 2500), ("3m", 180_000), ("1h", 3_600_000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for bad in ["", "3", "s", "-1s", "3 s", "3d", "25h", "NaNs", "infs", "1e3s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
        assert!(some_time("0s").is_err() && duration("0s").is_ok());
    }

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
