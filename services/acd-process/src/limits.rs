//! How crates state their limits: as constants, in one file `limits.rs` each, whose order the compiler
//! checks, and as rows of the generated reference.

use std::time::Duration;

/// A row of the reference of limits.
#[derive(Clone, Debug)]
pub struct Limit {
    /// What is limited.
    pub what: &'static str,
    /// The limit, with its unit and the setting that changes it.
    pub value: String,
}

impl Limit {
    /// A row for `what`.
    pub fn new(what: &'static str, value: impl Into<String>) -> Self {
        Self { what, value: value.into() }
    }
}

/// True when `inner` ends before `outer`, for assertions at compile time.
pub const fn shorter(inner: Duration, outer: Duration) -> bool {
    inner.as_nanos() < outer.as_nanos()
}

/// A duration as the reference writes it: `750 ms`, `1.5 s`, `75 s`.
pub fn time(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{} s", duration.as_secs_f64())
    }
}

/// A number with a space between thousands: `1024`, `10 000`, `1 000 000`.
pub fn number(number: usize) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A size in bytes as the reference writes it: `64 KiB`.
pub fn bytes(size: usize) -> String {
    if size.is_multiple_of(1024) { format!("{} KiB", size / 1024) } else { format!("{size} bytes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_values_with_their_units() {
        assert_eq!(time(Duration::from_millis(750)), "750 ms");
        assert_eq!(time(Duration::from_millis(1250)), "1.25 s");
        assert_eq!(time(Duration::from_secs(75)), "75 s");
        assert_eq!(number(1024), "1024");
        assert_eq!(number(10_000), "10 000");
        assert_eq!(number(1_000_000), "1 000 000");
        assert_eq!(bytes(65_536), "64 KiB");
        assert_eq!(bytes(100), "100 bytes");
    }

    #[test]
    fn equal_times_are_not_nested() {
        let second = Duration::from_secs(1);
        assert!(shorter(Duration::from_millis(999), second) && !shorter(second, second));
    }
}
