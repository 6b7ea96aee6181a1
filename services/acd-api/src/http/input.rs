//! Values that only requests have: parsed at the edge, so that what is wrong is said with its place.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, Error as _, Unexpected, Visitor},
};
use serde_json::{Map, Value, value::RawValue};
use utoipa::ToSchema;

use crate::limits::{DEFAULT_PAGE, MAX_ATTRIBUTES, MAX_NAME, MAX_PAGE, MAX_PRIORITY};

/// A name: at most 100 characters, without control characters.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 100, pattern = r"^[^\x00-\x1F\x7F-\x9F]*$", examples("Ada"))]
pub(crate) struct Name(pub(crate) String);

impl TryFrom<String> for Name {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.chars().count() > MAX_NAME {
            return Err("a name has at most 100 characters");
        }
        if text.chars().any(char::is_control) {
            return Err("a name has no control characters");
        }
        Ok(Self(text))
    }
}

/// A whole number within bounds, also when it is written as `5.0`: that is the same number, and
/// JSON Schema holds it for an integer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole<T, const MIN: i64, const MAX: i64>(pub(crate) T);

impl<'de, T, const MIN: i64, const MAX: i64> Deserialize<'de> for Whole<T, MIN, MAX>
where
    T: TryFrom<i64>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_i64(WholeVisitor(PhantomData))
    }
}

struct WholeVisitor<T, const MIN: i64, const MAX: i64>(PhantomData<T>);

impl<T, const MIN: i64, const MAX: i64> Visitor<'_> for WholeVisitor<T, MIN, MAX>
where
    T: TryFrom<i64>,
{
    type Value = Whole<T, MIN, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {MIN} to {MAX}")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        let within = (MIN..=MAX).contains(&number).then(|| T::try_from(number).ok());
        let number = within.flatten().ok_or(Unexpected::Signed(number));
        number.map(Whole).map_err(|number| E::invalid_value(number, &self))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        self.visit_i64(i64::try_from(number).unwrap_or(i64::MAX))
    }

    #[expect(clippy::cast_possible_truncation, reason = "what is cut is out of every bound")]
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        if number.fract() == 0.0 {
            self.visit_i64(number as i64)
        } else {
            Err(E::invalid_type(Unexpected::Float(number), &self))
        }
    }
}

/// One point counts as one minute of waiting.
pub(crate) type Priority = Whole<i32, { -MAX_PRIORITY }, MAX_PRIORITY>;

/// How many items a list answers at most.
pub(crate) type PageSize = Whole<usize, 1, MAX_PAGE>;

impl Default for Priority {
    fn default() -> Self {
        Self(0)
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(DEFAULT_PAGE)
    }
}

/// The client's own data: a JSON object of at most 16 KiB, stored and returned exactly as it was sent.
#[derive(Clone, Debug, ToSchema)]
#[schema(value_type = Object)]
pub(crate) struct Attributes(pub(crate) Box<RawValue>);

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if raw.get().len() > MAX_ATTRIBUTES {
            return Err(D::Error::custom("attributes take at most 16384 bytes"));
        }
        // Read once, so that nobody who reads them later meets a lone surrogate, a number that
        // overflows, or a depth that overflows a stack.
        serde_json::from_str::<Map<String, Value>>(raw.get())
            .map_err(|error| D::Error::custom(format!("attributes must be an object: {error}")))?;
        Ok(Self(raw))
    }
}

/// For a field that may be left out but not be `null`: there, null would look like "remove it".
pub(crate) fn given<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_attributes_to_the_letter() {
        let text = r#"{ "list": [],  "n": 1.50, "e": {} }"#;
        assert_eq!(serde_json::from_str::<Attributes>(text).unwrap().0.get(), text);
    }

    #[test]
    fn refuses_attributes_that_somebody_could_not_read() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(MAX_ATTRIBUTES));
        for bad in ["[]", "1", r#""x""#, r#"{"a":"\ud800"}"#, r#"{"a":1e999}"#, &deep, &long] {
            assert!(serde_json::from_str::<Attributes>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point_but_not_be_broken() {
        for (text, number) in [("5", 5), ("5.0", 5), ("-1e2", -100), ("100", 100)] {
            assert_eq!(serde_json::from_str::<Priority>(text).unwrap().0, number, "{text}");
        }
        for bad in ["5.5", "101", "-101", "1e300", "99999999999999999999", "\"5\"", "true", "null"]
        {
            assert!(serde_json::from_str::<Priority>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_short_and_printable() {
        for good in ["", "Zoë", &"é".repeat(100)] {
            assert!(Name::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["a\u{0}", "a\nb", "\u{85}", &"x".repeat(101)] {
            assert!(Name::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
