//! Agents.

use acd_core::{
    agent::{Agent, AgentChange, NewAgent, Presence, PresenceChange},
    ids::{AgentId, Reason},
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
    params::{AgentPath, AgentSkillPath, IdempotencyHeader, InCenter, NewId, PageQuery},
};
use crate::http::{
    extract::{IdempotencyKey, Json, Path, Query},
    input::{Attributes, Name, given},
    problem::{ApiError, Kind, PROBLEM_JSON, Problem},
};

/// A new agent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "id": "ada", "first_name": "Ada", "last_name": "King", "skills": ["english", "billing"],
    "attributes": {"extension": "1815"}
})))]
pub(crate) struct AgentInput {
    /// The id of the agent; generated if absent.
    id: Option<AgentId>,
    /// The first name.
    #[serde(default)]
    first_name: Name,
    /// The last name.
    #[serde(default)]
    last_name: Name,
    /// The skills of the agent.
    #[serde(default)]
    skills: Skills,
    /// Your own data, up to 16 KiB, returned exactly as it was sent.
    attributes: Option<Attributes>,
}

/// A change to an agent. An absent field keeps its value.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "last_name": "Lovelace", "skills": ["english", "billing", "french"]
})))]
pub(crate) struct AgentPatch {
    /// The first name.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    first_name: Option<Name>,
    /// The last name.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    last_name: Option<Name>,
    /// The new list of skills.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    skills: Option<Skills>,
    /// Your own data, which replaces the previous data; `{}` for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    attributes: Option<Attributes>,
}

/// A presence. Only `not_ready` may have a reason.
#[derive(Deserialize, ToSchema)]
#[schema(examples(json!({"presence": "ready"})))]
#[serde(tag = "presence", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum PresenceInput {
    /// Not at work.
    Offline {},
    /// At work, and takes contacts.
    Ready {},
    /// At work, but takes no contacts for now.
    NotReady {
        /// The reason.
        reason: Option<Reason>,
    },
}

impl From<PresenceInput> for PresenceChange {
    fn from(input: PresenceInput) -> Self {
        let (presence, reason) = match input {
            PresenceInput::Offline {} => (Presence::Offline, None),
            PresenceInput::Ready {} => (Presence::Ready, None),
            PresenceInput::NotReady { reason } => (Presence::NotReady, reason),
        };
        Self { presence, reason }
    }
}

/// How to delete an agent.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteQuery {
    /// Deletes the agent even if it has a contact, which then returns to its position in the queue.
    #[serde(default)]
    #[param(default = false)]
    force: bool,
}

/// Lists the agents in the order of their ids.
#[utoipa::path(
    get, path = "/v1/centers/{center}/agents", tag = "agents", params(InCenter, PageQuery),
    responses((status = 200, description = "One page of agents", body = Page<Agent>))
)]
pub(crate) async fn list_agents(
    State(store): State<Store>,
    Path(InCenter { center }): Path<InCenter>,
    Query(page): Query<PageQuery>,
) -> Answer<Page<Agent>> {
    Ok(Json(store.list_agents(&center, page.cursor.as_deref(), page.limit.0).await?))
}

/// Creates an agent, which is offline at first.
///
/// A request with an `id` or an `Idempotency-Key` is safe to retry.
#[utoipa::path(
    post, path = "/v1/centers/{center}/agents", tag = "agents",
    params(InCenter, IdempotencyHeader), request_body = AgentInput,
    responses(
        (status = 200, description = "The same agent existed: a retry", body = Agent),
        (status = 201, description = "The agent was created", body = Agent,
            headers(("location" = String, description = "The path of the agent"))),
        (status = 409, description = "`agent_exists`: another agent has this id",
            body = Problem, content_type = PROBLEM_JSON),
    )
)]
pub(crate) async fn create_agent(
    State(store): State<Store>,
    Path(InCenter { center }): Path<InCenter>,
    key: Option<IdempotencyKey>,
    Json(input): Json<AgentInput>,
) -> Result<Response, ApiError> {
    let derive = |key: &str| AgentId::from_idempotency_key(&center, key);
    let new_id = NewId::choose(input.id, key, derive, AgentId::generate)?;
    let new = NewAgent {
        id: new_id.id.clone(),
        first_name: input.first_name.0,
        last_name: input.last_name.0,
        skills: input.skills,
        attributes: input.attributes.map(|attributes| attributes.0),
        presence: Presence::Offline,
    };
    let stored = store.create_agent(&center, &new).await?;
    if stored.created {
        let location = format!("/v1/centers/{center}/agents/{}", new.id);
        let head = [(header::LOCATION, location)];
        return Ok((StatusCode::CREATED, head, Json(stored.value)).into_response());
    }
    if !new.describes(&stored.value) {
        return Err(new_id.taken(Kind::AgentExists));
    }
    Ok(Json(stored.value).into_response())
}

/// Returns an agent.
#[utoipa::path(
    get, path = "/v1/centers/{center}/agents/{agent}", tag = "agents", params(AgentPath),
    responses((status = 200, description = "The agent", body = Agent))
)]
pub(crate) async fn get_agent(
    State(store): State<Store>,
    Path(AgentPath { center, agent }): Path<AgentPath>,
) -> Answer<Agent> {
    Ok(Json(store.read_agent(&center, &agent).await?))
}

/// Changes the names, skills or attributes of an agent.
///
/// `idle_since` does not change.
#[utoipa::path(
    patch, path = "/v1/centers/{center}/agents/{agent}", tag = "agents", params(AgentPath),
    request_body = AgentPatch,
    responses((status = 200, description = "The agent after the change", body = Agent))
)]
pub(crate) async fn update_agent(
    State(store): State<Store>,
    Path(AgentPath { center, agent }): Path<AgentPath>,
    Json(patch): Json<AgentPatch>,
) -> Answer<Agent> {
    let change = AgentChange {
        first_name: patch.first_name.map(|name| name.0),
        last_name: patch.last_name.map(|name| name.0),
        skills: patch.skills,
        attributes: patch.attributes.map(|attributes| attributes.0),
    };
    Ok(Json(store.update_agent(&center, &agent, &change).await?))
}

/// Deletes an agent.
#[utoipa::path(
    delete, path = "/v1/centers/{center}/agents/{agent}", tag = "agents",
    params(AgentPath, DeleteQuery),
    responses(
        (status = 204, description = "The agent was deleted"),
        (status = 409, description = "`agent_busy`: the agent has a contact and `force` is not set",
            body = Problem, content_type = PROBLEM_JSON),
    )
)]
pub(crate) async fn delete_agent(
    State(store): State<Store>,
    Path(AgentPath { center, agent }): Path<AgentPath>,
    Query(DeleteQuery { force }): Query<DeleteQuery>,
) -> Result<StatusCode, ApiError> {
    store.delete_agent(&center, &agent, force).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets the presence of an agent.
///
/// If the agent has a contact, a presence other than `ready` becomes its `next_presence`.
#[utoipa::path(
    put, path = "/v1/centers/{center}/agents/{agent}/state", tag = "agents", params(AgentPath),
    request_body(content = PresenceInput, examples(
        ("available" = (summary = "Take contacts", value = json!({"presence": "ready"}))),
        ("break" = (summary = "Take a break",
            value = json!({"presence": "not_ready", "reason": "meal"}))),
        ("offline" = (summary = "Leave work", value = json!({"presence": "offline"}))),
    )),
    responses((status = 200, description = "The agent after the change", body = Agent))
)]
pub(crate) async fn set_agent_state(
    State(store): State<Store>,
    Path(AgentPath { center, agent }): Path<AgentPath>,
    Json(presence): Json<PresenceInput>,
) -> Answer<Agent> {
    Ok(Json(store.set_presence(&center, &agent, &presence.into()).await?))
}

/// Gives an agent a skill. Safe to retry.
#[utoipa::path(
    put, path = "/v1/centers/{center}/agents/{agent}/skills/{skill}", tag = "agents",
    params(AgentSkillPath),
    responses((status = 200, description = "The agent after the change", body = Agent))
)]
pub(crate) async fn add_agent_skill(
    State(store): State<Store>,
    Path(AgentSkillPath { center, agent, skill }): Path<AgentSkillPath>,
) -> Answer<Agent> {
    Ok(Json(store.add_skill(&center, &agent, &skill).await?))
}

/// Takes a skill from an agent. Safe to retry.
#[utoipa::path(
    delete, path = "/v1/centers/{center}/agents/{agent}/skills/{skill}", tag = "agents",
    params(AgentSkillPath),
    responses((status = 200, description = "The agent after the change", body = Agent))
)]
pub(crate) async fn remove_agent_skill(
    State(store): State<Store>,
    Path(AgentSkillPath { center, agent, skill }): Path<AgentSkillPath>,
) -> Answer<Agent> {
    Ok(Json(store.remove_skill(&center, &agent, &skill).await?))
}
