//! What happened in a center, in order: one Redis Stream, written by the same script as the change.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::time::Timestamp;

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

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Its place in the log; pass it as `after` or `Last-Event-ID` to go on from here.
    pub id: EventId,
    /// What happened: `contact.queued`, `contact.assigned`, `agent.presence`, …
    #[serde(rename = "type")]
    #[schema(examples("contact.assigned"))]
    pub kind: String,
    /// When, by Redis's clock.
    pub at: Timestamp,
    /// What it happened to, and with what figures.
    #[serde(flatten)]
    #[schema(additional_properties)]
    pub data: Map<String, Value>,
}

impl Event {
    /// A text of the event's data, such as the id of its contact or agent.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name).and_then(Value::as_str)
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
