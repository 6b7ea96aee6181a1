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

/// The contacts to list, and the page of the list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ContactsQuery {
    /// The contacts to list (default `queued`).
    #[serde(default)]
    #[param(value_type = Option<ContactFilter>)]
    state: ContactFilter,
    /// The maximum number of items in the response.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 100)]
    limit: PageSize,
    /// The `next` of the previous page; absent for the first page.
    cursor: Option<String>,
}

/// A new contact.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "id": "c1", "skills": ["billing"], "priority": 0,
    "attributes": {"phone": "+44 20 7946 0000"}
})))]
pub(crate) struct ContactInput {
    /// The id of the contact; generated if absent.
    id: Option<ContactId>,
    /// The required skills. Only an agent that has all of them gets the contact.
    #[serde(default)]
    skills: Skills,
    /// The priority. One point counts as one minute of waiting.
    #[serde(default)]
    #[schema(value_type = i32, minimum = -100, maximum = 100, default = 0)]
    priority: Priority,
    /// Your own data, up to 16 KiB, returned exactly as it was sent.
    attributes: Option<Attributes>,
}

/// Lists contacts.
#[utoipa::path(
    get, path = "/v1/centers/{center}/contacts", tag = "contacts",
    params(InCenter, ContactsQuery),
    responses((status = 200, description = "One page of contacts", body = Page<Contact>))
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
/// The contact is `queued`. If the center is closed or its queue is full, it is `rejected`.
/// A request with an `id` or an `Idempotency-Key` is safe to retry.
#[utoipa::path(
    post, path = "/v1/centers/{center}/contacts", tag = "contacts",
    params(InCenter, IdempotencyHeader), request_body = ContactInput,
    responses(
        (status = 200, description = "The same contact existed: a retry", body = Contact),
        (status = 201, description = "The contact was created", body = Contact,
            headers(("location" = String, description = "The path of the contact"))),
        (status = 409, description = "`contact_exists`: another contact has this id",
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

/// Returns a contact, with its position and estimated wait while it is queued.
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

/// Completes an assigned contact. Safe to retry.
#[utoipa::path(
    post, path = "/v1/centers/{center}/contacts/{contact}/complete", tag = "contacts",
    params(ContactPath),
    responses(
        (status = 200, description = "The contact is completed", body = Contact),
        (status = 409, description = "`state_conflict`: the contact is queued, or ended in another state",
            body = Problem, content_type = PROBLEM_JSON),
    )
)]
pub(crate) async fn complete_contact(
    State(store): State<Store>,
    Path(ContactPath { center, contact }): Path<ContactPath>,
) -> Answer<Contact> {
    Ok(Json(store.end_contact(&center, &contact, EndContact::Complete).await?))
}

/// Cancels a queued or assigned contact. Safe to retry.
#[utoipa::path(
    post, path = "/v1/centers/{center}/contacts/{contact}/cancel", tag = "contacts",
    params(ContactPath),
    responses(
        (status = 200, description = "The contact is canceled", body = Contact),
        (status = 409, description = "`state_conflict`: the contact ended in another state",
            body = Problem, content_type = PROBLEM_JSON),
    )
)]
pub(crate) async fn cancel_contact(
    State(store): State<Store>,
    Path(ContactPath { center, contact }): Path<ContactPath>,
) -> Answer<Contact> {
    Ok(Json(store.end_contact(&center, &contact, EndContact::Cancel).await?))
}

/// Abandons a queued contact: the customer left. Safe to retry.
#[utoipa::path(
    post, path = "/v1/centers/{center}/contacts/{contact}/abandon", tag = "contacts",
    params(ContactPath),
    responses(
        (status = 200, description = "The contact is abandoned", body = Contact),
        (status = 409, description = "`state_conflict`: the contact is assigned, or ended in another state",
            body = Problem, content_type = PROBLEM_JSON),
    )
)]
pub(crate) async fn abandon_contact(
    State(store): State<Store>,
    Path(ContactPath { center, contact }): Path<ContactPath>,
) -> Answer<Contact> {
    Ok(Json(store.end_contact(&center, &contact, EndContact::Abandon).await?))
}

/// The agent to take a contact from.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RequeueQuery {
    /// Requeues the contact only if this agent has it; otherwise nothing changes. With this
    /// parameter the request is safe to retry.
    #[param(example = "ada")]
    agent: Option<AgentId>,
}

/// Takes a contact from its agent and returns it to its position in the queue.
#[utoipa::path(
    post, path = "/v1/centers/{center}/contacts/{contact}/requeue", tag = "contacts",
    params(ContactPath, RequeueQuery),
    responses(
        (status = 200, description = "The contact after the request", body = Contact),
        (status = 409, description = "`state_conflict`: the contact has ended",
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
