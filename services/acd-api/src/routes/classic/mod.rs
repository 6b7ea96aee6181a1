//! The routes of the Python ACD that this system replaces, on center `main`, with its integer
//! states and its keys, for programs that were written for it.

pub(crate) mod agents;
pub(crate) mod contacts;
pub(crate) mod skills;

use std::fmt;

use acd_core::{
    agent::{Presence, PresenceChange},
    ids::{AgentId, CenterId, ContactId, InvalidId},
};
use acd_store::Store;
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{extract::Json, input::Whole, problem::ApiError};

macro_rules! key {
    ($(#[$doc:meta])* $name:ident, $id:ident, $prefix:literal, $pattern:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String, pattern = $pattern, examples($example))]
        pub(crate) struct $name($id);

        impl TryFrom<String> for $name {
            type Error = InvalidKey;

            fn try_from(text: String) -> Result<Self, InvalidKey> {
                let id = text.strip_prefix($prefix).map(str::parse);
                id.and_then(Result::ok).map(Self).ok_or(InvalidKey($prefix))
            }
        }

        impl From<$name> for String {
            fn from(key: $name) -> Self {
                format!("{}{}", $prefix, key.0)
            }
        }
    };
}

key! {
    /// The key of a contact: `contact:` and its id.
    ContactKey, ContactId, "contact:", "^contact:[A-Za-z0-9._-]{1,64}$", "contact:c1"
}
key! {
    /// The key of an agent: `agent:` and its id.
    AgentKey, AgentId, "agent:", "^agent:[A-Za-z0-9._-]{1,64}$", "agent:7"
}

/// Why a text is no key.
#[derive(Debug)]
pub(crate) struct InvalidKey(&'static str);

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a key is {} before an id; {InvalidId}", self.0)
    }
}

/// 1 is available, 0 is unavailable.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(from = "Whole<u8, 0, 1>", into = "u8")]
#[schema(value_type = u8, minimum = 0, maximum = 1, examples(1))]
pub(crate) struct Switch(bool);

impl Switch {
    /// On is ready for contacts, off is not.
    fn presence(self, off_reason: Option<&str>) -> PresenceChange {
        if self.0 {
            return PresenceChange::READY;
        }
        let reason = off_reason.and_then(|reason| reason.parse().ok());
        PresenceChange { presence: Presence::NotReady, reason }
    }
}

impl From<Whole<u8, 0, 1>> for Switch {
    fn from(number: Whole<u8, 0, 1>) -> Self {
        Self(number.0 == 1)
    }
}

impl From<Switch> for u8 {
    fn from(switch: Switch) -> Self {
        switch.0.into()
    }
}

/// The state to set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"state": 1})))]
pub(crate) struct SwitchInput {
    /// 1 for available, 0 for unavailable.
    state: Switch,
}

/// The state that was set.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({"acd_state": 1})))]
pub(crate) struct AcdState {
    /// 1 for open, 0 for closed.
    acd_state: Switch,
}

/// Makes every agent available (1) or unavailable (0).
///
/// New contacts are accepted in both cases; they wait until agents are available.
#[utoipa::path(
    post, path = "/acd", tag = "classic", request_body = SwitchInput,
    responses((status = 201, description = "The state was set", body = AcdState))
)]
pub(crate) async fn classic_set_acd_state(
    State(store): State<Store>,
    Json(SwitchInput { state }): Json<SwitchInput>,
) -> Result<(StatusCode, Json<AcdState>), ApiError> {
    store.set_presence_of_all(&CenterId::main(), &state.presence(Some("closed"))).await?;
    Ok((StatusCode::CREATED, Json(AcdState { acd_state: state })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_prefix_and_an_id() {
        let key = ContactKey::try_from("contact:7".to_owned()).unwrap();
        assert_eq!(String::from(key), "contact:7");
        for bad in ["7", "agent:7", "contact:", "contact:a b", "contact:contact:7"] {
            assert!(ContactKey::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn off_for_all_says_why() {
        let reason = Switch(false).presence(Some("closed")).reason.unwrap();
        assert_eq!(reason.as_str(), "closed");
        assert_eq!(Switch(true).presence(Some("closed")), PresenceChange::READY);
    }
}
