//! The description of the API: what the handlers say of themselves, and what holds for all of them.

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

/// What is said once.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "ACD",
        description = "A contact-centre ACD: clients create contacts that need skills, agents have \
            skills and come and go, and every contact goes to the agent with all the skills it \
            needs who has been idle longest.\n\n\
            Ids are 1 to 64 of `A-Z a-z 0-9 . _ -`; times are RFC 3339 in UTC with milliseconds; \
            fields that are not described here are refused; errors are problems (RFC 9457). \
            Every answer carries `x-request-id`, which is yours if you sent one.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/")),
    tags(
        (name = "centers", description = "Contact centres: the unit of tenancy"),
        (name = "contacts", description = "A call, a chat, a task: queued, assigned, ended"),
        (name = "agents", description = "Those who take contacts"),
        (name = "skills", description = "Skills across the agents of a center"),
        (name = "events", description = "What happened, in order"),
        (name = "reports", description = "Figures, explanations, consistency"),
        (name = "classic", description = "The routes of the Python ACD, on center `main`"),
        (name = "operations", description = "For load balancers, probes and scrapers"),
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

/// Adds to every operation the problems that follow from its shape.
struct Problems;

/// The name of a shared response, its description, and where it belongs.
const SHARED: [(&str, &str, &str); 6] = [
    (
        "400",
        "Malformed",
        "The request can't be read: `malformed_json`, `malformed_request`, `bad_cursor`",
    ),
    (
        "404",
        "Unknown",
        "There is no such thing: `no_such_center`, `no_such_contact`, `no_such_agent`",
    ),
    ("413", "TooLarge", "`body_too_large`"),
    ("415", "NotJson", "`unsupported_media_type`"),
    ("422", "Invalid", "The request can be read but not meant: `invalid_value`, `invalid_id`, …"),
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

/// Says what the types can't say of themselves.
fn sharpen(components: &mut Components) {
    if let Some(RefOr::T(Schema::Object(skill))) = components.schemas.get_mut("Skill") {
        skill.pattern = Some(SKILL.to_owned());
        skill.description = Some(
            "Letters and digits of any script, space, `.`, `_`, `-`, `/`; no space at its ends. \
             It is compared, counted and returned in Unicode's normal form C."
                .to_owned(),
        );
    }
    if let Some(RefOr::T(Schema::Array(skills))) = components.schemas.get_mut("Skills") {
        skills.description = Some("At most 32 different skills; repeats are dropped.".to_owned());
    }
    // utoipa takes a pair that is written as one text for a list of two.
    let event_id = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r"^[0-9]{1,20}-[0-9]{1,20}$"))
        .description(Some("The place of an event in its center's log."))
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
