//! Names of centers, agents, contacts: parsed once at the edge, trusted after.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The length of an id, in characters.
pub const MAX_ID: usize = 64;

/// Why a text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to 64 of A-Z a-z 0-9 . _ -")]
pub struct InvalidId;

fn check(text: &str) -> Result<(), InvalidId> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    // Clients take these two out of a path before they send it.
    let a_place = matches!(text, "." | "..");
    if !a_place && (1..=MAX_ID).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(())
    } else {
        Err(InvalidId)
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $example:literal) => {
        $(#[$doc])*
        ///
        /// 1 to 64 characters of `A-Z a-z 0-9 . _ -`. `.` and `..` are refused: clients remove them from paths.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]{1,64}$", examples($example))]
        pub struct $name(String);

        impl $name {
            /// The text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                check(text).map(|()| Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                check(&text).map(|()| Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

id! {
    /// The id of a center.
    CenterId, "main"
}
id! {
    /// The id of a contact, unique within its center.
    ContactId, "c1"
}
id! {
    /// The id of an agent, unique within its center.
    AgentId, "ada"
}
id! {
    /// The reason why an agent is not ready, a word of your choice such as `meal` or `training`.
    Reason, "meal"
}

impl CenterId {
    /// The center that always exists and that the classic routes act on.
    pub fn main() -> Self {
        Self("main".to_owned())
    }
}

impl ContactId {
    /// A fresh id that sorts by the time it was made.
    pub fn generate() -> Self {
        Self(uuid::Uuid::now_v7().to_string())
    }

    /// The id that `key` stands for in `center`: the same key gives the same contact.
    pub fn from_idempotency_key(center: &CenterId, key: &str) -> Self {
        Self(derive("contact", center, key))
    }
}

impl AgentId {
    /// A fresh id that sorts by the time it was made.
    pub fn generate() -> Self {
        Self(uuid::Uuid::now_v7().to_string())
    }

    /// The id that `key` stands for in `center`: the same key gives the same agent.
    pub fn from_idempotency_key(center: &CenterId, key: &str) -> Self {
        Self(derive("agent", center, key))
    }
}

/// A name-based UUID (RFC 9562, version 5) over what kind of thing, where, and the client's key.
fn derive(kind: &str, center: &CenterId, key: &str) -> String {
    let name = format!("acd/{kind}/{center}/{key}");
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_is_safe_in_a_key_and_nothing_else() {
        for good in ["a", "main", "A-1_b.c", &"x".repeat(64)] {
            assert!(good.parse::<ContactId>().is_ok(), "{good}");
        }
        for bad in ["", "a b", "a:b", "{a}", "ü", "a/b", "a\n", &"x".repeat(65)] {
            assert!(bad.parse::<ContactId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_same_key_means_the_same_contact_in_one_center_only() {
        let (a, b) = (CenterId::main(), CenterId("other".into()));
        assert_eq!(
            ContactId::from_idempotency_key(&a, "k"),
            ContactId::from_idempotency_key(&a, "k")
        );
        assert_ne!(
            ContactId::from_idempotency_key(&a, "k"),
            ContactId::from_idempotency_key(&b, "k")
        );
    }
}
