//! The OpenAPI document: the descriptions of the handlers, and what all operations share.

use acd_core::contact::ContactFilter;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self, Components, Content, Ref, RefOr, Response, ResponseBuilder, Schema,
        path::{Operation, ParameterIn},
        schema::{AdditionalProperties, ObjectBuilder, Type},
    },
};

use crate::http::problem::{PROBLEM_JSON, Problem};

/// What the document says once.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "ACD",
        description = include_str!("openapi/description.md"),
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/")),
    tags(
        (name = "centers", description = "Contact centres and their settings"),
        (name = "contacts", description = "Calls, chats and tasks that require skills"),
        (name = "agents", description = "The people or programs that handle contacts"),
        (name = "skills", description = "The skills of all agents of a center"),
        (name = "events", description = "The log of changes of a center, in order"),
        (name = "reports", description = "Statistics, explanations and consistency checks"),
        (name = "classic", description = "The routes of the earlier Python ACD, on the center `main`"),
        (name = "operations", description = "Health checks and metrics, for load balancers and monitoring"),
    ),
    components(schemas(ContactFilter, Problem)),
)]
struct Frame;

/// The document of these routes.
pub(crate) fn document(routes: openapi::OpenApi) -> openapi::OpenApi {
    let mut document = Frame::openapi();
    document.merge(routes);
    Problems.modify(&mut document);
    document
}

/// Adds to every operation the problems that its parameters and body make possible.
struct Problems;

/// The name of a shared response, its description, and where it belongs.
const SHARED: [(&str, &str, &str); 6] = [
    (
        "400",
        "Malformed",
        "The request is malformed: `malformed_json`, `malformed_request`, `bad_cursor`",
    ),
    ("404", "Unknown", "Not found: `no_such_center`, `no_such_contact`, `no_such_agent`"),
    ("413", "TooLarge", "The body is too large: `body_too_large`"),
    ("415", "NotJson", "The body is not declared as JSON: `unsupported_media_type`"),
    ("422", "Invalid", "A value is not allowed: `invalid_value`, `invalid_id`, …"),
    (
        "default",
        "Problem",
        "Any other problem: `overloaded`, `unavailable`, `timed_out`, `internal`",
    ),
];

impl Modify for Problems {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        sharpen(components);
        for (_, name, description) in SHARED {
            components.responses.insert(name.to_owned(), RefOr::T(problem(description)));
        }
        for (path, item) in &mut document.paths.paths {
            let methods =
                [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
            for operation in methods.into_iter().flatten() {
                add(operation, path);
            }
        }
    }
}

/// What of a skill every regex engine reads alike: ASCII to the letter. Of the rest of Unicode it
/// lets more pass than letters, digits and marks; `\p{…}` is left out, for many tools know it only
/// in part.
const SKILL: &str =
    r"^[^\x00-,:-@\[-^`{-\x7F]([^\x00-\x1F!-,:-@\[-^`{-\x7F]{0,62}[^\x00-,:-@\[-^`{-\x7F])?$";

/// Adds what the types cannot express.
fn sharpen(components: &mut Components) {
    if let Some(RefOr::T(Schema::Object(skill))) = components.schemas.get_mut("Skill") {
        skill.pattern = Some(SKILL.to_owned());
        skill.description = Some(
            "A skill: 1 to 64 letters and digits of any script, spaces, `.`, `_`, `-` and `/`, \
             without a space at either end. Skills are stored, compared and returned in Unicode \
             normalisation form C."
                .to_owned(),
        );
    }
    if let Some(RefOr::T(Schema::Array(skills))) = components.schemas.get_mut("Skills") {
        skills.description =
            Some("A list of at most 32 skills. Duplicates are removed.".to_owned());
    }
    // utoipa drops the examples of a type whose `value_type` is `Object`.
    if let Some(RefOr::T(Schema::Object(attributes))) = components.schemas.get_mut("Attributes") {
        attributes.examples = vec![serde_json::json!({"phone": "+44 20 7946 0000"})];
    }
    // utoipa takes a pair that is written as one text for a list of two.
    let event_id = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r"^[0-9]{1,20}-[0-9]{1,20}$"))
        .description(Some("The id of an event: its position in the log of the center."))
        .examples(["1795253400125-0"]);
    components.schemas.insert("EventId".to_owned(), RefOr::T(event_id.into()));
    // utoipa does not carry `deny_unknown_fields` into the variants of an enum.
    if let Some(RefOr::T(Schema::OneOf(presence))) = components.schemas.get_mut("PresenceInput") {
        for variant in &mut presence.items {
            if let RefOr::T(Schema::Object(variant)) = variant {
                let none = AdditionalProperties::FreeForm(false);
                variant.additional_properties = Some(Box::new(none));
            }
        }
    }
}

fn add(operation: &mut Operation, path: &str) {
    let has = |place: &ParameterIn| {
        operation.parameters.iter().flatten().any(|parameter| match parameter {
            RefOr::T(parameter) => parameter.parameter_in == *place,
            RefOr::Ref(_) => false,
        })
    };
    let takes_path = has(&ParameterIn::Path);
    let takes_more = has(&ParameterIn::Query) || has(&ParameterIn::Header);
    let takes_body = operation.request_body.is_some();
    let on_center = takes_path || path.starts_with("/contact") || path == "/acd";
    for (status, name, _) in SHARED {
        let fits = match status {
            "404" => on_center,
            "413" | "415" => takes_body,
            "400" | "422" => takes_path || takes_more || takes_body,
            _ => true,
        };
        if fits {
            let shared = RefOr::Ref(Ref::from_response_name(name));
            operation.responses.responses.entry(status.to_owned()).or_insert(shared);
        }
    }
}

fn problem(description: &str) -> Response {
    let content = Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build()
}

#[cfg(test)]
mod tests;
