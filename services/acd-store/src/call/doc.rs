//! Documents as they come from Redis, in either form.

use std::collections::HashMap;

use acd_core::time::Timestamp;
use redis::{FromRedisValue, ParsingError, Value};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{Result, StoreError};

/// The form in which contacts and agents are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Documents {
    /// Hashes whose values are JSON text.
    Hash = 0,
    /// RedisJSON documents.
    Json = 1,
}

/// A document: its fields as JSON text.
#[derive(Debug)]
pub(crate) struct Doc(HashMap<String, Box<RawValue>>);

impl FromRedisValue for Doc {
    fn from_redis_value(value: Value) -> std::result::Result<Self, ParsingError> {
        let parse = |text: &str| {
            serde_json::from_str(text).map_err(|e| ParsingError::from(format!("document: {e}")))
        };
        match value {
            Value::Array(_) | Value::Map(_) => {
                let fields: HashMap<String, String> = redis::from_redis_value(value)?;
                let parsed = fields.into_iter().map(|(name, text)| {
                    let raw = RawValue::from_string(text)
                        .map_err(|e| ParsingError::from(format!("field {name}: {e}")))?;
                    Ok((name, raw))
                });
                parsed.collect::<std::result::Result<_, ParsingError>>().map(Self)
            }
            other => parse(&redis::from_redis_value::<String>(other)?).map(Self),
        }
    }
}

impl Doc {
    /// A field, `None` when it is not there or null.
    pub(crate) fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let Some(raw) = self.0.get(name) else {
            return Ok(None);
        };
        serde_json::from_str(raw.get())
            .map_err(|e| StoreError::broken(format!("field {name}: {e}")))
    }

    /// A field that every such document has.
    pub(crate) fn need<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        self.get(name)?.ok_or_else(|| StoreError::broken(format!("field {name} is missing")))
    }

    /// An instant in ms.
    pub(crate) fn instant(&self, name: &str) -> Result<Option<Timestamp>> {
        Ok(self.get::<i64>(name)?.map(Timestamp::from_ms))
    }

    /// The client's own data, to the letter.
    pub(crate) fn raw(&self, name: &str) -> Option<Box<RawValue>> {
        let raw = self.0.get(name)?;
        // RedisJSON would rewrite it, so that form keeps it as a string (docs_json.lua).
        match serde_json::from_str::<String>(raw.get()) {
            Ok(text) => RawValue::from_string(text).ok(),
            Err(_) => Some(raw.clone()).filter(|raw| raw.get() != "null"),
        }
    }
}

/// JSON text of a value whose serialisation can't fail: texts, numbers, lists of them.
pub(crate) fn json_text<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(StoreError::broken)
}
