//! Parameters that several routes take from the path, the query and the headers.

use acd_core::{
    ids::{AgentId, CenterId, ContactId},
    skill::Skill,
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::{
    extract::IdempotencyKey,
    input::PageSize,
    problem::{ApiError, Kind},
};

/// A center.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct InCenter {
    /// The id of the center.
    #[param(example = "main")]
    pub(crate) center: CenterId,
}

/// A contact of a center.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ContactPath {
    /// The id of the center.
    #[param(example = "main")]
    pub(crate) center: CenterId,
    /// The id of the contact.
    #[param(example = "c1")]
    pub(crate) contact: ContactId,
}

/// An agent of a center.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AgentPath {
    /// The id of the center.
    #[param(example = "main")]
    pub(crate) center: CenterId,
    /// The id of the agent.
    #[param(example = "ada")]
    pub(crate) agent: AgentId,
}

/// A skill of an agent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AgentSkillPath {
    /// The id of the center.
    #[param(example = "main")]
    pub(crate) center: CenterId,
    /// The id of the agent.
    #[param(example = "ada")]
    pub(crate) agent: AgentId,
    /// The skill. A `/` in it is written as `%2F`.
    #[param(example = "french")]
    pub(crate) skill: Skill,
}

/// A skill of a center.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct SkillPath {
    /// The id of the center.
    #[param(example = "main")]
    pub(crate) center: CenterId,
    /// The skill. A `/` in it is written as `%2F`.
    #[param(example = "french")]
    pub(crate) skill: Skill,
}

/// The page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// The maximum number of items in the response.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 100)]
    pub(crate) limit: PageSize,
    /// The `next` of the previous page; absent for the first page.
    pub(crate) cursor: Option<String>,
}

/// Makes a request that creates something safe to retry.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the schema of a header that extract::IdempotencyKey reads")]
pub(crate) struct IdempotencyHeader {
    /// Makes a retry safe when the body has no `id`: the id is derived from the key, so a second
    /// request with the same key creates nothing. If the body has an `id`, the key must be the same
    /// text.
    #[param(
        rename = "Idempotency-Key", value_type = String, required = false,
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]{1,255}$"
    )]
    key: Option<String>,
}

/// The id of something new, and what to say when something else has it already.
pub(crate) struct NewId<T> {
    pub(crate) id: T,
    keyed: bool,
}

impl<T: AsRef<str>> NewId<T> {
    /// The id that the client gave, or the one that its key stands for, or a new one.
    pub(crate) fn choose(
        given: Option<T>,
        key: Option<IdempotencyKey>,
        derive: impl FnOnce(&str) -> T,
        generate: impl FnOnce() -> T,
    ) -> Result<Self, ApiError> {
        match (given, key) {
            (Some(id), Some(IdempotencyKey(key))) if id.as_ref() != key => Err(ApiError::new(
                Kind::IdAndKey,
                "Give either an id or an Idempotency-Key; with both, they must be the same text.",
            )),
            (Some(id), _) => Ok(Self { id, keyed: false }),
            (None, Some(IdempotencyKey(key))) => Ok(Self { id: derive(&key), keyed: true }),
            (None, None) => Ok(Self { id: generate(), keyed: false }),
        }
    }

    /// What to answer when the id is taken by something that another request created.
    pub(crate) fn taken(&self, exists: Kind) -> ApiError {
        if self.keyed {
            let detail = "This Idempotency-Key was used before, with another body.";
            return ApiError::new(Kind::IdempotencyKeyReused, detail);
        }
        let detail = format!("{} exists and is not what this body describes.", self.id.as_ref());
        ApiError::new(exists, detail)
    }
}
