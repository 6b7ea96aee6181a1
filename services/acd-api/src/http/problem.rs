//! Every error that a client sees, as an RFC 9457 problem.
//!
//! - A client reads what it can act on: the kind, and a sentence about its own request.
//! - The cause stays here. It is logged once, on the request's access line, and never sent.
//! - 503 means: try again. `overloaded` and `too_many_streams` did nothing; `unavailable`, like a
//!   504, may have been done when only its answer was lost, and is safe to repeat with the same id
//!   or `Idempotency-Key`.

mod kind;

use std::{borrow::Cow, error::Error, sync::Arc};

use acd_process::chain::chain;
use acd_store::{Refusal, StoreError};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use self::kind::Kind;
pub use self::kind::{PROBLEMS, PROBLEMS_OF_BALANCERS, ProblemKind};
use crate::limits::{MAX_DETAIL, RETRY_AFTER_S};

/// The media type of a problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// An error on its way to the client, with the cause that the client does not see.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    kind: Kind,
    detail: Cow<'static, str>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// A problem of this kind, with a sentence about this occurrence.
    pub(crate) fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        let mut detail = detail.into();
        if let Some((end, _)) = detail.char_indices().nth(MAX_DETAIL) {
            detail = format!("{}…", &detail[..end]).into();
        }
        Self { kind, detail, cause: None }
    }

    /// The same, with what made it happen.
    pub(crate) fn caused_by(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// The cause and the causes of that, in one line for the log.
    pub(crate) fn cause(&self) -> Option<String> {
        self.cause.as_deref().map(|cause| chain(cause))
    }

    /// Its kind, as the last part of the type URI.
    pub(crate) fn code(&self) -> &'static str {
        self.kind.row().code
    }

    /// What the client reads.
    pub(crate) fn problem(&self, request_id: &str) -> Problem {
        let ProblemKind { status, code, title, .. } = self.kind.row();
        Problem {
            r#type: format!("/problems/{code}"),
            title: (*title).to_owned(),
            status: status.as_u16(),
            detail: self.detail.clone().into_owned(),
            request_id: request_id.to_owned(),
        }
    }
}

/// The body is written by the outermost layer, which knows the request's id: until there the error
/// travels as an extension of the response.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.kind.row().status.into_response();
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            let value = HeaderValue::from_static(RETRY_AFTER_S);
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal.into(),
            StoreError::Unavailable(_) => Self::new(
                Kind::Unavailable,
                "The database does not answer. Try again; with an id or an Idempotency-Key of your \
                 own nothing can happen twice.",
            )
            .caused_by(error),
            StoreError::Broken(_) => Self::internal().caused_by(error),
        }
    }
}

impl ApiError {
    /// A mistake of ours.
    pub(crate) fn internal() -> Self {
        Self::new(Kind::Internal, "The mistake is ours and was logged under this request's id.")
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let kind = match refusal {
            Refusal::NoSuchCenter => Kind::NoSuchCenter,
            Refusal::NoSuchContact => Kind::NoSuchContact,
            Refusal::NoSuchAgent => Kind::NoSuchAgent,
            Refusal::StateConflict { .. } => Kind::StateConflict,
            Refusal::AgentBusy => Kind::AgentBusy,
            Refusal::TooManySkills => Kind::TooManySkills,
            Refusal::BadCursor => Kind::BadCursor,
        };
        Self::new(kind, refusal.to_string())
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(examples(json!({
    "type": "/problems/no_such_contact", "title": "No such contact", "status": 404,
    "detail": "There is no such contact.",
    "request_id": "0197a5b2-7f6e-7cc3-98c4-dc0c0c07398f"
})))]
pub(crate) struct Problem {
    /// The kind of problem, for programs. The set of kinds is closed.
    #[schema(format = "uri-reference", examples("/problems/no_such_contact"))]
    r#type: String,
    /// The kind of problem, for people.
    title: String,
    /// The HTTP status code.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// A sentence about this occurrence, for people.
    detail: String,
    /// The id of the request, also in the log and in the header `x-request-id`.
    request_id: String,
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn every_kind_has_its_status_and_type() {
        let table = [
            (Kind::MalformedRequest, 400, "malformed_request"),
            (Kind::MalformedJson, 400, "malformed_json"),
            (Kind::BadCursor, 400, "bad_cursor"),
            (Kind::NoSuchRoute, 404, "no_such_route"),
            (Kind::NoSuchCenter, 404, "no_such_center"),
            (Kind::NoSuchContact, 404, "no_such_contact"),
            (Kind::NoSuchAgent, 404, "no_such_agent"),
            (Kind::Draining, 404, "draining"),
            (Kind::MethodNotAllowed, 405, "method_not_allowed"),
            (Kind::StateConflict, 409, "state_conflict"),
            (Kind::AgentBusy, 409, "agent_busy"),
            (Kind::ContactExists, 409, "contact_exists"),
            (Kind::AgentExists, 409, "agent_exists"),
            (Kind::BodyTooLarge, 413, "body_too_large"),
            (Kind::BodyTooSlow, 408, "body_too_slow"),
            (Kind::UnsupportedMediaType, 415, "unsupported_media_type"),
            (Kind::InvalidId, 422, "invalid_id"),
            (Kind::InvalidValue, 422, "invalid_value"),
            (Kind::TooManySkills, 422, "too_many_skills"),
            (Kind::IdempotencyKeyReused, 422, "idempotency_key_reused"),
            (Kind::IdAndKey, 422, "id_and_key"),
            (Kind::Internal, 500, "internal"),
            (Kind::Unavailable, 503, "unavailable"),
            (Kind::Overloaded, 503, "overloaded"),
            (Kind::TooManyStreams, 503, "too_many_streams"),
            (Kind::TimedOut, 504, "timed_out"),
        ];
        for (kind, status, code) in table {
            let error = ApiError::new(kind, "why");
            let problem = error.problem("r1");
            assert_eq!((problem.status, problem.r#type), (status, format!("/problems/{code}")));
            let response = error.into_response();
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(
                response.headers().contains_key(header::RETRY_AFTER),
                status == 503,
                "{code}"
            );
        }
    }

    #[test]
    fn a_refusal_keeps_its_code() {
        let refusals = [
            Refusal::NoSuchCenter,
            Refusal::NoSuchContact,
            Refusal::NoSuchAgent,
            Refusal::StateConflict { state: "completed".into() },
            Refusal::AgentBusy,
            Refusal::TooManySkills,
            Refusal::BadCursor,
        ];
        for refusal in refusals {
            let code = refusal.code();
            assert_eq!(ApiError::from(refusal).code(), code);
        }
    }

    #[test]
    fn shows_the_whole_cause_to_us_and_none_of_it_to_the_client() {
        let error = ApiError::internal().caused_by(io::Error::other("the pin is 1234"));
        assert_eq!(error.cause().unwrap(), "the pin is 1234");
        assert!(!serde_json::to_string(&error.problem("r1")).unwrap().contains("1234"));
    }

    #[test]
    fn does_not_send_a_long_input_back() {
        let problem = ApiError::new(Kind::InvalidValue, "ü".repeat(60_000)).problem("r1");
        assert_eq!(problem.detail.chars().count(), MAX_DETAIL + 1);
    }
}
