//! Parses durations in flags and `ACD_*` variables.

use std::time::Duration;

/// Reads a duration with its unit: `750ms`, `1.5s`, `2m`, `1h 30m`. For clap's `value_parser`.
///
/// # Errors
/// A message when the unit is missing, the text is not a duration, or it is negative.
pub fn duration(text: &str) -> Result<Duration, String> {
    let help =
        || format!("{text:?} is not a duration: write a number and its unit, 750ms, 1.5s, 2m");
    let span: jiff::SignedDuration = text.trim().parse().map_err(|_| help())?;
    Duration::try_from(span).map_err(|_| format!("{text:?} is negative"))
}

/// Like [`duration`], at most a day.
///
/// # Errors
/// Like [`duration`], and when it is longer than a day.
pub fn at_most_a_day(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    if time > Duration::from_secs(86_400) {
        Err("must be from 0s to 24h".to_owned())
    } else {
        Ok(time)
    }
}

/// Like [`duration`], at most a day and not zero.
///
/// # Errors
/// Like [`duration`], and when it is zero or longer than a day.
pub fn some_time(text: &str) -> Result<Duration, String> {
    let time = at_most_a_day(text)?;
    if time.is_zero() { Err("must be more than 0s".to_owned()) } else { Ok(time) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, ms) in
            [("750ms", 750), ("1.5s", 1500), ("2m", 120_000), ("1h 30m", 5_400_000), ("0s", 0)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
    }

    #[test]
    fn a_time_may_have_to_be_more_than_nothing_and_no_more_than_a_day() {
        assert!(at_most_a_day("24h").is_ok() && at_most_a_day("25h").is_err());
        assert!(at_most_a_day("0s").is_ok() && some_time("0s").is_err());
        assert_eq!(some_time("2.5s"), Ok(Duration::from_millis(2500)));
    }

    #[test]
    fn refuses_a_number_without_a_unit_and_a_negative_one() {
        for bad in ["", "5", "s", "five seconds", "-1s", "1x", "1d", "NaNs", "infs", "1e3s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
