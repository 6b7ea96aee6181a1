//! Contacts, the classic way.

use acd_core::{
    contact::{ContactState, EndContact, NewContact},
    ids::{CenterId, ContactId},
    skill::Skills,
};
use acd_store::Store;
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{AgentKey, ContactKey};
use crate::{
    http::{
        extract::{IdempotencyKey, Json, Path},
        problem::{ApiError, Kind},
    },
    routes::{
        Answer,
        params::{IdempotencyHeader, NewId},
    },
};

/// A contact by its key.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ContactKeyPath {
    /// The key of the contact.
    #[param(example = "contact:c1")]
    contact_key: ContactKey,
}

/// A new contact.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"skills": ["english"]})))]
pub(crate) struct ClassicContactInput {
    /// The required skills.
    skills: Skills,
}

/// A contact.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({"skills": ["english"], "state": 2, "agent": "agent:7"})))]
pub(crate) struct ClassicContact {
    /// The required skills.
    skills: Skills,
    /// The state: 1 is queued, 2 is assigned, 3 is ended.
    #[schema(minimum = 1, maximum = 3)]
    state: u8,
    /// The agent that has the contact, or had it when it ended.
    agent: Option<AgentKey>,
}

/// The key of a contact.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({"contact_key": "contact:0197a5b2-7f6e-7cc3-98c4-dc0c0c07398f"})))]
pub(crate) struct ContactKeyed {
    /// The key.
    contact_key: ContactKey,
}

/// Creates a contact. Its key is in the response.
#[utoipa::path(
    post, path = "/contact", tag = "classic", params(IdempotencyHeader),
    request_body = ClassicContactInput,
    responses(
        (status = 200, description = "The same contact existed: a retry", body = ContactKeyed),
        (status = 201, description = "The contact was created", body = ContactKeyed),
    )
)]
pub(crate) async fn classic_create_contact(
    State(store): State<Store>,
    key: Option<IdempotencyKey>,
    Json(ClassicContactInput { skills }): Json<ClassicContactInput>,
) -> Result<(StatusCode, Json<ContactKeyed>), ApiError> {
    let main = CenterId::main();
    let derive = |key: &str| ContactId::from_idempotency_key(&main, key);
    let new_id = NewId::choose(None, key, derive, ContactId::generate)?;
    let new = NewContact { id: new_id.id.clone(), skills, priority: 0, attributes: None };
    let stored = store.create_contact(&main, &new).await?;
    let answer = Json(ContactKeyed { contact_key: ContactKey(stored.value.id.clone()) });
    if stored.created {
        return Ok((StatusCode::CREATED, answer));
    }
    if !new.describes(&stored.value) {
        return Err(new_id.taken(Kind::ContactExists));
    }
    Ok((StatusCode::OK, answer))
}

/// Returns a contact.
#[utoipa::path(
    get, path = "/contact/{contact_key}", tag = "classic", params(ContactKeyPath),
    responses((status = 200, description = "The contact", body = ClassicContact))
)]
pub(crate) async fn classic_get_contact(
    State(store): State<Store>,
    Path(ContactKeyPath { contact_key }): Path<ContactKeyPath>,
) -> Answer<ClassicContact> {
    let contact = store.read_contact(&CenterId::main(), &contact_key.0).await?;
    let state = match contact.state {
        ContactState::Queued => 1,
        ContactState::Assigned => 2,
        _ => 3,
    };
    Ok(Json(ClassicContact { skills: contact.skills, state, agent: contact.agent.map(AgentKey) }))
}

/// Ends a contact. Safe to retry.
///
/// An assigned contact is completed, a queued one is abandoned. The request needs no body.
#[utoipa::path(
    patch, path = "/contact/{contact_key}", tag = "classic", params(ContactKeyPath),
    responses((status = 200, description = "The contact has ended", body = ContactKeyed))
)]
pub(crate) async fn classic_finish_contact(
    State(store): State<Store>,
    Path(ContactKeyPath { contact_key }): Path<ContactKeyPath>,
) -> Answer<ContactKeyed> {
    store.end_contact(&CenterId::main(), &contact_key.0, EndContact::Finish).await?;
    Ok(Json(ContactKeyed { contact_key }))
}
