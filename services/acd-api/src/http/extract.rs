//! What comes in: axum's extractors, with problems in place of their plain texts.

use std::error::Error;

use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, OptionalFromRequestParts, Request,
        path::ErrorKind,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    http::problem::{ApiError, Kind},
    limits,
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A JSON object as body: of a request, or of an answer.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// The variable parts of the path.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

/// The query string.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            let detail = "The body must be JSON, with the header Content-Type: application/json.";
            return Err(ApiError::new(Kind::UnsupportedMediaType, detail));
        }
        // Its size and its coming are the layers' business.
        let body = Bytes::from_request(request, state).await.map_err(|_| {
            ApiError::new(Kind::MalformedRequest, "The body ended early or can't be read.")
        })?;
        // serde would read a list as the fields of a struct in order.
        let object = body.trim_ascii_start().first() == Some(&b'{');
        if !object && serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok() {
            return Err(ApiError::new(Kind::InvalidValue, "The body must be a JSON object."));
        }
        if let Ok(value) = serde_json::from_slice(&body) {
            return Ok(Self(value));
        }
        // Reading that keeps track of where it is takes longer: only to tell where it went wrong.
        let parsed = axum::Json::<T>::from_bytes(&body);
        parsed.map(|axum::Json(value)| Self(value)).map_err(|rejection| match rejection {
            JsonRejection::JsonDataError(error) => {
                ApiError::new(Kind::InvalidValue, reason(&error))
            }
            error => ApiError::new(Kind::MalformedJson, reason(&error)),
        })
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        // Room for a contact, so that it need not grow.
        let mut body = Vec::with_capacity(512);
        match serde_json::to_writer(&mut body, &self.0) {
            Ok(()) => ([(header::CONTENT_TYPE, JSON)], body).into_response(),
            Err(error) => ApiError::internal().caused_by(error).into_response(),
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path =
            <axum::extract::Path<T> as FromRequestParts<S>>::from_request_parts(parts, state);
        path.await.map(|axum::extract::Path(value)| Self(value)).map_err(|rejection| {
            let PathRejection::FailedToDeserializePathParams(error) = rejection else {
                return ApiError::internal().caused_by(rejection);
            };
            match error.kind() {
                ErrorKind::InvalidUtf8InPathParam { key } => {
                    let detail = format!("{key} in the path is not UTF-8.");
                    ApiError::new(Kind::MalformedRequest, detail)
                }
                other => ApiError::new(Kind::InvalidId, format!("In the path: {other}")),
            }
        })
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(QueryRejection::FailedToDeserializeQueryString(error)) => {
                Err(ApiError::new(Kind::InvalidValue, format!("In the query: {}", reason(&error))))
            }
            Err(other) => Err(ApiError::internal().caused_by(other)),
        }
    }
}

/// What the client gave to make a request that creates something safe to repeat.
#[derive(Clone, Debug)]
pub(crate) struct IdempotencyKey(pub(crate) String);

impl<S: Send + Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, ApiError> {
        let mut values = parts.headers.get_all("idempotency-key").iter();
        let Some(first) = values.next() else {
            return Ok(None);
        };
        let visible = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_graphic);
        match first.to_str() {
            Ok(key)
                if (1..=limits::MAX_IDEMPOTENCY_KEY).contains(&key.len())
                    && visible(key.as_bytes())
                    && values.next().is_none() =>
            {
                Ok(Some(Self(key.to_owned())))
            }
            _ => {
                let detail =
                    "Idempotency-Key must be given once, as 1 to 255 visible ASCII characters.";
                Err(ApiError::new(Kind::InvalidValue, detail))
            }
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// What serde found, and where, without axum's "Failed to deserialize … into the target type".
fn reason(rejection: &dyn Error) -> String {
    rejection.source().map_or_else(|| rejection.to_string(), ToString::to_string)
}

#[cfg(test)]
mod tests;
