//! What is refused, as the REST API says it.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A refusal: status, a code for machines, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) description: String,
}

impl Refused {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        description: impl Into<String>,
    ) -> Self {
        Self { status, code, description: description.into() }
    }

    /// 406: what was asked for can't be.
    pub(crate) fn not_acceptable(code: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, code, description)
    }

    /// 400: what was asked can't be understood.
    pub(crate) fn invalid_schema(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_schema", description)
    }

    /// 404.
    pub(crate) fn not_found(code: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, description)
    }

    /// 503: not now.
    pub(crate) fn unavailable(code: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, description)
    }

    /// 503: what the real product answers when its cluster has no quorum.
    pub(crate) fn no_quorum() -> Self {
        Self::unavailable("no_quorum", "Master healthcheck failed")
    }

    /// 401: who are you?
    pub(crate) fn unauthorized() -> Self {
        let sentence = "the user name or password is missing or wrong";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", sentence)
    }

    /// 403: not with this role.
    pub(crate) fn forbidden() -> Self {
        let sentence = "the user's role does not have the permission";
        Self::new(StatusCode::FORBIDDEN, "insufficient_permissions", sentence)
    }
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        tracing::warn!(error = format!("{error:#}"), "a request failed");
        Self::unavailable("no_quorum", "the cluster's configuration can't be changed now")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "error_code": self.code, "description": self.description });
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let realm =
                header::HeaderValue::from_static("Basic realm=\"redis enterprise emulator\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
        }
        response
    }
}
