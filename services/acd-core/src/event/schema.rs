//! The description of events: for OpenAPI, and as Markdown for people.

use std::fmt::Write as _;

use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Ref, RefOr, Schema,
        schema::{Discriminator, ObjectBuilder, OneOfBuilder, Type},
    },
};

use super::{Event, EventId, EventKind};
use crate::time::Timestamp;

/// How a kind's payload describes itself.
pub(super) struct PayloadSchema {
    name: String,
    schema: RefOr<Schema>,
    refers_to: Vec<(String, RefOr<Schema>)>,
}

impl PayloadSchema {
    pub(super) fn of<T: ToSchema>() -> Self {
        let mut refers_to = Vec::new();
        T::schemas(&mut refers_to);
        Self { name: T::name().into_owned(), schema: T::schema(), refers_to }
    }
}

impl EventKind {
    /// An example of a whole event of this kind.
    fn whole_example(self) -> Value {
        let mut event = json!({
            "id": "1795253400125-0", "type": self.as_str(), "at": "2026-11-21T09:30:00.125Z",
        });
        let members = serde_json::from_str::<Value>(self.example()).unwrap_or_default();
        if let (Value::Object(event), Value::Object(members)) = (&mut event, members) {
            event.extend(members);
        }
        event
    }

    /// The schema of a whole event of this kind.
    fn whole_schema(self) -> Schema {
        let kind = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some([self.as_str()]))
            .description(Some("What happened."));
        let mut event = ObjectBuilder::new()
            .property("id", Ref::from_schema_name(EventId::name()))
            .property("type", kind)
            .property("at", Ref::from_schema_name(Timestamp::name()))
            .required("id")
            .required("type")
            .required("at")
            .examples([self.whole_example()]);
        if let RefOr::T(Schema::Object(payload)) = self.schema().schema {
            event = event.description(payload.description);
            for (name, schema) in payload.properties {
                event = event.property(name, schema);
            }
            for name in payload.required {
                event = event.required(name);
            }
        }
        event.build().into()
    }
}

impl PartialSchema for Event {
    fn schema() -> RefOr<Schema> {
        let mut kinds = OneOfBuilder::new().description(Some(
            "Something that happened, one schema for each `type`. A newer release may send types \
             and members that are not described here: ignore what you don't know. `v` is the \
             version of the event's schema; it is absent while the version is 1.",
        ));
        let mut mapping = Vec::new();
        for kind in EventKind::ALL {
            let reference = Ref::from_schema_name(kind.schema().name);
            mapping.push((kind.as_str().to_owned(), reference.ref_location.clone()));
            kinds = kinds.item(reference);
        }
        kinds.discriminator(Some(Discriminator::with_mapping("type", mapping))).into()
    }
}

impl ToSchema for Event {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        for kind in EventKind::ALL {
            let PayloadSchema { name, refers_to, .. } = kind.schema();
            schemas.extend(refers_to);
            schemas.push((name, kind.whole_schema().into()));
        }
        for (name, schema) in
            [(EventId::name(), EventId::schema()), (Timestamp::name(), Timestamp::schema())]
        {
            schemas.push((name.into_owned(), schema));
        }
    }
}

/// The reference of events as Markdown, from the types in this module.
pub fn reference() -> String {
    let mut text = String::from(include_str!("reference.md"));
    for kind in EventKind::ALL {
        // Writing to a String can't fail.
        let _ = write_kind(&mut text, *kind);
    }
    text
}

fn write_kind(text: &mut String, kind: EventKind) -> std::fmt::Result {
    write!(text, "\n## `{kind}`\n")?;
    let Schema::Object(schema) = kind.whole_schema() else { return Ok(()) };
    write!(text, "\n{}\n", one_line(schema.description.as_deref().unwrap_or_default()))?;
    text.push_str("\n| Member | Type | Description |\n|---|---|---|\n");
    for name in kind.members() {
        let Some(property) = schema.properties.get(*name) else { continue };
        let property = serde_json::to_value(property).unwrap_or_default();
        let optional = if schema.required.iter().any(|n| n == name) { "" } else { ", optional" };
        // A reference that may be null is described where the reference is.
        let described = property.get("description").or(property["oneOf"][0].get("description"));
        let meaning = one_line(described.and_then(Value::as_str).unwrap_or_default());
        writeln!(text, "| `{name}` | {}{optional} | {meaning} |", type_name(&property))?;
    }
    write!(text, "\n```json\n{}\n```\n", kind.whole_example())
}

/// A description without its line breaks.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The type of a property, in words: `integer`, `contact id`, `presence or null`.
fn type_name(schema: &Value) -> String {
    if let Some(target) = schema["$ref"].as_str() {
        let name = target.rsplit('/').next().unwrap_or_default();
        let mut words = String::new();
        for letter in name.chars() {
            if letter.is_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.extend(letter.to_lowercase());
        }
        return words;
    }
    let choices = schema["oneOf"].as_array().or_else(|| schema["type"].as_array());
    if let Some(choices) = choices {
        let names: Vec<String> = choices.iter().map(type_name).collect();
        let (nulls, types): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| name == "null");
        return types.into_iter().chain(nulls).collect::<Vec<_>>().join(" or ");
    }
    schema["type"].as_str().or_else(|| schema.as_str()).unwrap_or("any").to_owned()
}
