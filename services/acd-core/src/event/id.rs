//! The place of an event in its center's log.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The place of an event in its center's log: a Redis Stream id, `<ms>-<sequence>`.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, examples("1795253400125-0"))]
pub struct EventId(u64, u64);

impl EventId {
    /// Before every event.
    pub const START: Self = Self(0, 0);
}

/// Why a text is no event id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event id is <milliseconds>-<sequence>, or 0 for the beginning")]
pub struct InvalidEventId;

impl FromStr for EventId {
    type Err = InvalidEventId;
    fn from_str(text: &str) -> Result<Self, InvalidEventId> {
        let number = |t: &str| {
            let digits = !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| t.parse::<u64>().ok()).flatten().ok_or(InvalidEventId)
        };
        match text.split_once('-') {
            Some((ms, seq)) => Ok(Self(number(ms)?, number(seq)?)),
            None => Ok(Self(number(text)?, 0)),
        }
    }
}

impl TryFrom<String> for EventId {
    type Error = InvalidEventId;
    fn try_from(text: String) -> Result<Self, InvalidEventId> {
        text.parse()
    }
}

impl From<EventId> for String {
    fn from(id: EventId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_by_time_then_sequence_and_not_as_text() {
        let id = |t: &str| t.parse::<EventId>().unwrap();
        assert!(id("9-0") < id("10-0") && id("10-2") < id("10-10") && EventId::START < id("0-1"));
        assert_eq!(id("5").to_string(), "5-0");
        for bad in ["", "-", "1-", "-1", "+1-0", "a", "1-0-0", "99999999999999999999999"] {
            assert!(bad.parse::<EventId>().is_err(), "{bad}");
        }
    }
}
