//! Events as JSON: as they are stored in the log and as they go over the wire.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use super::{Event, EventId, EventKind, Payload, SCHEMA_VERSION};
use crate::time::Timestamp;

/// The members of an event that this module handles itself.
const ENVELOPE: [&str; 3] = ["id", "type", "at"];

/// The names that the log has for members which are instants there, in ms.
const LOGGED: [(&str, &str); 2] = [("at_ms", "at"), ("idle_since_ms", "idle_since")];

/// What every entry of the log has.
#[derive(Deserialize)]
struct Logged {
    at_ms: i64,
    v: Option<Value>,
}

/// What every event has on the wire.
#[derive(Deserialize)]
struct Head {
    id: EventId,
    #[serde(rename = "type")]
    kind: String,
    at: Timestamp,
    v: Option<Value>,
}

impl Event {
    /// The event that an entry of the log describes.
    ///
    /// # Errors
    /// When `members` is no JSON object with a time.
    pub fn from_log(id: EventId, kind: &str, members: &str) -> serde_json::Result<Self> {
        let Logged { at_ms, v } = serde_json::from_str(members)?;
        let (payload, other) = payload(kind, v.as_ref(), members)?;
        Ok(Self { id, at: Timestamp::from_ms(at_ms), payload, other })
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Box::<RawValue>::deserialize(deserializer)?;
        let members = members.get();
        let Head { id, kind, at, v } = serde_json::from_str(members).map_err(D::Error::custom)?;
        let (payload, other) = payload(&kind, v.as_ref(), members).map_err(D::Error::custom)?;
        Ok(Self { id, at, payload, other })
    }
}

/// The payload, and the members that it has no place for: all, when it is unknown.
fn payload(
    name: &str,
    version: Option<&Value>,
    members: &str,
) -> serde_json::Result<(Payload, Map<String, Value>)> {
    let known = version.is_none_or(|version| *version == SCHEMA_VERSION);
    let kind = name.parse::<EventKind>().ok().filter(|_| known);
    let parsed = kind.and_then(|kind| Some((Payload::parse(kind, members)?, kind.members())));
    let (payload, names) = parsed.unwrap_or_else(|| (Payload::Unknown(name.to_owned()), &[]));
    let mut json = serde_json::Deserializer::from_str(members);
    Ok((payload, json.deserialize_map(Others(names))?))
}

/// Collects the members other than the envelope's and these.
struct Others(&'static [&'static str]);

impl<'de> Visitor<'de> for Others {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the members of an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut others = Map::new();
        while let Some(name) = map.next_key_seed(Name(self.0))? {
            match name {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(name) => {
                    let mut value: Value = map.next_value()?;
                    let shown = LOGGED.iter().find(|(logged, _)| *logged == name);
                    let instant = shown.zip(value.as_i64());
                    let name = match instant {
                        Some(((_, shown), ms)) => {
                            value = Value::String(Timestamp::from_ms(ms).to_string());
                            (*shown).to_owned()
                        }
                        None => name,
                    };
                    others.insert(name, value);
                }
            }
        }
        Ok(others)
    }
}

/// The name of a member; `None` when it is the envelope's or one of these.
struct Name(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<String>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
        let logged = LOGGED.iter().find(|(logged, _)| *logged == name);
        let shown = logged.map_or(name, |(_, shown)| shown);
        let placed = ENVELOPE.contains(&shown) || self.0.contains(&shown);
        Ok((!placed).then(|| name.to_owned()))
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Known<'a> {
            id: EventId,
            #[serde(rename = "type")]
            kind: &'a str,
            at: Timestamp,
            #[serde(flatten)]
            payload: Option<&'a Payload>,
            #[serde(flatten)]
            other: &'a Map<String, Value>,
        }
        let payload = Some(&self.payload).filter(|payload| payload.kind().is_some());
        let (id, kind, at) = (self.id, self.payload.name(), self.at);
        Known { id, kind, at, payload, other: &self.other }.serialize(serializer)
    }
}

/// An instant as the log has it, in ms, or as JSON shows it.
pub(super) fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Ms(i64),
        Shown(Timestamp),
    }
    Either::deserialize(deserializer).map(|either| match either {
        Either::Ms(ms) => Timestamp::from_ms(ms),
        Either::Shown(at) => at,
    })
}

/// A member that is there: null, or a value.
#[expect(clippy::option_option, reason = "absent and null differ on the wire")]
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
