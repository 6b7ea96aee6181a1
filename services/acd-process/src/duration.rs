//! Values of flags and `ACD_*` variables that are written for people.

use std::time::Duration;

/// Reads a duration with its unit: `750ms`, `1.5s`, `2m`, `1h 30m`. For clap's `value_parser`.
///
/// # Errors
/// A sentence when the unit is missing, the text is no duration, or it is negative.
pub fn duration(text: &str) -> Result<Duration, String> {
    let help = || format!("{text:?} is no duration: write a number and its unit, 750ms, 1.5s, 2m");
    let span: jiff::SignedDuration = text.trim().parse().map_err(|_| help())?;
    Duration::try_from(span).map_err(|_| format!("{text:?} is negative"))
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
    fn refuses_a_number_without_a_unit_and_a_negative_one() {
        for bad in ["", "5", "s", "five seconds", "-1s", "1x", "1d"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
