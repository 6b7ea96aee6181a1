//! Contacts.

use acd_core::{
    contact::{Contact, ContactFilter, EndContact, NewContact},
    ids::{AgentId, ContactId},
    page::Page,
    skill::Skills,
};
use acd_store::Store;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    Answer,
    params::{ContactPath, IdempotencyHeader, InCenter, NewId},
};
use crate::http::{
    extract::{IdempotencyKey, Json, Path, Query},
    input::{Attributes, PageSize, Priority},
    problem::{ApiError, Kind, PROBLEM_JSON, Problem},
};

/// Which contacts, and which part of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ContactsQuery {
    /// Which contacts: the queued, when left out.
    #[serde(default)]
    #[param(value_type = Option<ContactFilter>)]
    state: ContactFilter,
    /// How many items at most.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 100)]
    limit: PageSize,
    /// Where to go on: `next` of the part before.
    cursor: Option<String>,
}

/// A new contact.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactInput {
    /// Its id; generated when left out.
    id: Option<ContactId>,
    /// What it needs: only an agent with all of these gets it.
    #[serde(default)]
    skills: Skills,
    /// A point is worth a minute of waiting.
    #[serde(default)]
    #[schema(value_type = i32, minimum = -100, maximum = 100, default = 0)]
    priority: Priority,
    /// Your own data, up to 16 KiB; returned to the letter.
    attributes: Option<Attributes>,
}

/// Lists contacts.
#[utoipa::path(
    get, path = "/v1/centers/{center}/contacts", tag = "contacts",
    params(InCenter, ContactsQuery),
    responses((status = 200, description = "A part of the contacts", body = Page<Contact>))
)]
pub(crate) async fn list_contacts(
    State(store): State<Store>,
    Path(InCenter { center }): Path<InCenter>,
    Query(query): Query<ContactsQuery>,
) -> Answer<Page<Contact>> {
    let cursor = query.cursor.as_deref();
    Ok(Json(store.list_contacts(&center, query.state, cursor, query.limit.0).await?))
}

/// Creates a contact.
///
/// It waits for an agent, unless the center is closed or its queue full: then it is `rejected`.
/// With an `id` or an `Idempotency-Key` the request may be repeated.
#[utoipa::path(
    post, path = "/v1/centers/{center}/contacts", tag = "contacts",
    params(InCenter, IdempotencyHeader), request_body = ContactInput,
    responses(
        (status = 200, description = "A repeat: it was there", body = Contact),
        (status = 201, description = "Created", body = Contact,
            headers(("location" = String, description = "Its path"))),
        (status = 409, description = "`contact_exists`: the id is taken by another contact",
            body = Problem, content_type = PROBLEM_JSON),
    )
)]
pub(crate) async fn create_contact(
    State(store): State<Store>,
    Path(InCenter { center }): Path<InCenter>,
    key: Option<IdempotencyKey>,
    Json(input): Json<ContactInput>,
) -> Result<Response, ApiError> {
    let derive = |key: &str| ContactId::from_idempotency_key(&center, key);
    let new_id = NewId::choose(input.id, key, derive, ContactId::generate)?;
    let new = NewContact {
        id: new_id.id.clone(),
        skills: input.skills,
        priority: input.priority.0,
        attributes: input.attributes.map(|attributes| attributes.0),
    };
    let stored = store.create_contact(&center, &new).await?;
    if stored.created {
        let location = format!("/v1/centers/{center}/contacts/{}", new.id);
        let head = [(header::LOCATION, location)];
        return Ok((StatusCode::CREATED, head, Json(stored.value)).into_response());
    }
    if !new.describes(&stored.value) {
        return Err(new_id.taken(Kind::ContactExists));
    }
    Ok(Json(stored.value).into_response())
}

/// Shows a contact, with its position and estimated wait while it is queued.
#[utoipa::path(
    get, path = "/v1/centers/{center}/contacts/{contact}", tag = "contacts", params(ContactPath),
    responses((status = 200, description = "The contact", body = Contact))
)]
pub(crate) async fn get_contact(
    State(store): State<Store>,
    Path(ContactPath { center, contact }): Path<ContactPath>,
) -> Answer<Contact> {
    Ok(Json(store.read_contact(&center, &contact).await?))
}

/// Completes a contact that an agent has. A repeat changes nothing.
#[utoipa::path(
    post, path = "/v1/centers/{center}/contacts/{contact}/complete", tag = "contacts",
    params(ContactPath),
    responses(
        (status = 200, description = "Completed", body = Contact),
        (status = 409, description = "`state_conflict`: no agent has it",
            body = Problem, content_type = PROBLEM_JSON),
    )
)]
pub(crate) async fn complete_contact(
    State(store): State<Store>,
    Path(ContactPath { center, contact }): Path<ContactPath>,
) -> Answer<Contact> {
    Ok(Json(store.end_contact(&center, &contact, EndContact::Complete).await?))
}

/// Cancels a contact that waits or that an agent has. A repeat changes nothing.
#[utoipa::path(
    post, path = "/v1/centers/{center}/contacts/{contact}/cancel", tag = "contacts",
    params(ContactPath),
    responses(
        (status = 200, description = "Canceled", body = Contact),
        (status = 409, description = "`state_conflict`: it ended in another way",
            body = Problem, content_type = PROBLEM_JSON),
    )
)]
pub(crate) async fn cancel_contact(
    State(store): State<Store>,
    Path(ContactPath { center, contact }): Path<ContactPath>,
) -> Answer<Contact> {
    Ok(Json(store.end_contact(&center, &contact, EndContact::Cancel).await?))
}

/// Records that the customer left while waiting. A repeat changes nothing.
#[utoipa::path(
    post, path = "/v1/centers/{center}/contacts/{contact}/abandon", tag = "contacts",
    params(ContactPath),
    responses(
        (status = 200, description = "Abandoned", body = Contact),
        (status = 409, description = "`state_conflict`: it does not wait",
            body = Problem, content_type = PROBLEM_JSON),
    )
)]
pub(crate) async fn abandon_contact(
    State(store): State<Store>,
    Path(ContactPath { center, contact }): Path<ContactPath>,
) -> Answer<Contact> {
    Ok(Json(store.end_contact(&center, &contact, EndContact::Abandon).await?))
}

/// From whom to take a contact.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RequeueQuery {
    /// Only from this agent: when another one has it by now, nothing changes. With it the request
    /// may be repeated.
    agent: Option<AgentId>,
}

/// Takes a contact from its agent, back to its old place in the queue.
#[utoipa::path(
    post, path = "/v1/centers/{center}/contacts/{contact}/requeue", tag = "contacts",
    params(ContactPath, RequeueQuery),
    responses(
        (status = 200, description = "Queued", body = Contact),
        (status = 409, description = "`state_conflict`: it has ended",
            body = Problem, content_type = PROBLEM_JSON),
    )
)]
pub(crate) async fn requeue_contact(
    State(store): State<Store>,
    Path(ContactPath { center, contact }): Path<ContactPath>,
    Query(RequeueQuery { agent }): Query<RequeueQuery>,
) -> Answer<Contact> {
    Ok(Json(store.requeue_contact(&center, &contact, agent.as_ref()).await?))
}
