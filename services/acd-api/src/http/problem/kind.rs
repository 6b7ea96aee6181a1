//! The kinds of problem: one table for responses and for the reference.

use axum::http::StatusCode;

/// A kind of problem.
#[derive(Clone, Copy, Debug)]
pub struct ProblemKind {
    /// The status of the response.
    pub status: StatusCode,
    /// The last part of its type URI.
    pub code: &'static str,
    /// Its title.
    pub title: &'static str,
    /// When it happens, in Markdown.
    pub when: &'static str,
    /// Whether a client should send the request again, in Markdown.
    pub retry: &'static str,
}

macro_rules! kinds {
    ($($name:ident, $status:ident, $code:literal, $title:literal, $when:literal, $retry:literal;)*) => {
        /// The kinds of problem: a closed set that clients may switch on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind {
            $($name,)*
        }

        /// The problems of the API, in the order of `Kind`.
        pub const PROBLEMS: &[ProblemKind] = &[$(ProblemKind {
            status: StatusCode::$status,
            code: $code,
            title: $title,
            when: $when,
            retry: $retry,
        },)*];
    };
}

kinds! {
    MalformedRequest, BAD_REQUEST, "malformed_request", "Malformed request",
        "the request, its path or its body is cut short or can't be read", "no";
    MalformedJson, BAD_REQUEST, "malformed_json", "Malformed JSON",
        "the body is not JSON", "no";
    BadCursor, BAD_REQUEST, "bad_cursor", "Unknown cursor",
        "the cursor is not one that this list returned", "no";
    NoSuchRoute, NOT_FOUND, "no_such_route", "No such route",
        "there is nothing at this path", "no";
    NoSuchCenter, NOT_FOUND, "no_such_center", "No such center",
        "the center does not exist", "no";
    NoSuchContact, NOT_FOUND, "no_such_contact", "No such contact",
        "the contact does not exist, or is not kept any more", "no";
    NoSuchAgent, NOT_FOUND, "no_such_agent", "No such agent",
        "the agent does not exist", "no";
    Draining, NOT_FOUND, "draining", "Going out of service",
        "`/readyz` of an API that is going out of service", "another server";
    MethodNotAllowed, METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed",
        "the path has no such method", "no";
    BodyTooSlow, REQUEST_TIMEOUT, "body_too_slow", "Body too slow",
        "the body did not arrive in time", "yes";
    StateConflict, CONFLICT, "state_conflict", "Not possible in this state",
        "the state of the contact does not allow it", "no";
    AgentBusy, CONFLICT, "agent_busy", "The agent has a contact",
        "the agent has a contact: complete or requeue it first, or use `force=true`", "later";
    ContactExists, CONFLICT, "contact_exists", "The contact exists",
        "the id is taken, with another body", "no";
    AgentExists, CONFLICT, "agent_exists", "The agent exists",
        "the id is taken, with another body", "no";
    BodyTooLarge, PAYLOAD_TOO_LARGE, "body_too_large", "Body too large",
        "the body is larger than `ACD_BODY_LIMIT`", "no";
    UnsupportedMediaType, UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type",
        "Unsupported media type", "the body is not `application/json`", "no";
    InvalidId, UNPROCESSABLE_ENTITY, "invalid_id", "Invalid id",
        "an id has other characters than it may, or is too long", "no";
    InvalidValue, UNPROCESSABLE_ENTITY, "invalid_value", "Invalid value",
        "a value is out of its range or form", "no";
    TooManySkills, UNPROCESSABLE_ENTITY, "too_many_skills", "Too many skills",
        "an agent or a contact would have more than 32 skills", "no";
    IdempotencyKeyReused, UNPROCESSABLE_ENTITY, "idempotency_key_reused",
        "Idempotency key reused", "the key was used with another body", "no";
    IdAndKey, UNPROCESSABLE_ENTITY, "id_and_key", "Both an id and a key",
        "both an `id` and an `Idempotency-Key`, with different texts", "no";
    Internal, INTERNAL_SERVER_ERROR, "internal", "Internal error",
        "a bug", "please report it";
    Unavailable, SERVICE_UNAVAILABLE, "unavailable", "Temporarily unavailable",
        "Redis does not answer; the call may have been executed", "yes, with an id or key";
    Overloaded, SERVICE_UNAVAILABLE, "overloaded", "Too many requests at once",
        "too many requests at once; nothing was done", "after `Retry-After`";
    TooManyStreams, SERVICE_UNAVAILABLE, "too_many_streams", "Too many streams",
        "too many event streams at once; nothing was done", "after `Retry-After`";
    TimedOut, GATEWAY_TIMEOUT, "timed_out", "Timed out",
        "the request took too long; it may have been executed", "yes, with an id or key";
}

impl Kind {
    /// Its row of the table.
    pub(crate) const fn row(self) -> &'static ProblemKind {
        &PROBLEMS[self as usize]
    }
}

/// The problems that only the balancers answer with. They also answer with some of [`PROBLEMS`].
pub const PROBLEMS_OF_BALANCERS: &[ProblemKind] = &[
    ProblemKind {
        status: StatusCode::TOO_MANY_REQUESTS,
        code: "too_many_requests",
        title: "Too many requests",
        when: "from the balancer: the client address exceeds `ACD_RATE_LIMIT`; nothing was done",
        retry: "after `Retry-After`",
    },
    ProblemKind {
        status: StatusCode::BAD_GATEWAY,
        code: "bad_gateway",
        title: "Connection to the server lost",
        when: "from the balancer: the connection to the API replica was lost; the call may have been \
               executed",
        retry: "yes, with an id or key",
    },
];

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::*;

    /// What HAProxy answers by itself.
    fn of_balancers() -> Vec<serde_json::Value> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../haproxy");
        let text = ["00-global.cfg", "10-api.cfg"]
            .map(|file| std::fs::read_to_string(folder.join(file)).unwrap())
            .concat();
        // The only quotes inside are those of HAProxy's own expressions.
        let bodies = text.split("lf-string '").skip(1).filter_map(|rest| rest.split('\'').next());
        bodies.map(|body| serde_json::from_str(body).unwrap()).collect()
    }

    #[test]
    fn the_balancers_answer_with_problems_of_the_tables() {
        let bodies = of_balancers();
        let tables = || PROBLEMS.iter().chain(PROBLEMS_OF_BALANCERS);
        for body in &bodies {
            let code = body["type"].as_str().unwrap().trim_start_matches("/problems/");
            let kind = tables().find(|kind| kind.code == code).unwrap_or_else(|| panic!("{code}"));
            assert_eq!(body["status"], kind.status.as_u16(), "{code}");
            assert_eq!(body["title"], kind.title, "{code}");
        }
        for kind in PROBLEMS_OF_BALANCERS {
            let r#type = format!("/problems/{}", kind.code);
            assert!(bodies.iter().any(|body| body["type"] == *r#type), "{type}");
        }
    }

    #[test]
    fn no_two_kinds_have_one_code() {
        let tables = || PROBLEMS.iter().chain(PROBLEMS_OF_BALANCERS);
        let codes: BTreeSet<_> = tables().map(|kind| kind.code).collect();
        assert_eq!(codes.len(), tables().count());
    }
}
