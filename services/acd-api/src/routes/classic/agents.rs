//! Agents, the classic way.

use acd_core::{
    agent::{AgentChange, NewAgent, Presence},
    ids::CenterId,
    skill::{Skill, Skills},
};
use acd_store::Store;
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{AgentKey, SwitchInput};
use crate::{
    http::{
        extract::{Json, Path},
        input::{Name, given},
        problem::{ApiError, Kind, PROBLEM_JSON, Problem},
    },
    routes::Answer,
};

/// An agent by its key.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AgentKeyPath {
    /// The key of the agent.
    #[param(example = "agent:7")]
    agent_key: AgentKey,
}

/// A new agent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"fname": "Grace", "lname": "Murray", "skills": ["english"]})))]
pub(crate) struct ClassicAgentInput {
    /// The first name.
    #[serde(default)]
    fname: Name,
    /// The last name.
    #[serde(default)]
    lname: Name,
    /// The skills of the agent.
    #[serde(default)]
    skills: Skills,
}

/// A change to an agent. An absent field keeps its value.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"lname": "Hopper"})))]
pub(crate) struct ClassicAgentPatch {
    /// The first name.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    fname: Option<Name>,
    /// The last name.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    lname: Option<Name>,
}

/// A skill to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"skill": "french"})))]
pub(crate) struct ClassicSkillInput {
    /// The skill.
    skill: Skill,
}

/// The key of an agent.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({"agent_key": "agent:7"})))]
pub(crate) struct AgentKeyed {
    /// The key.
    agent_key: AgentKey,
}

/// Creates an agent, which is unavailable at first.
#[utoipa::path(
    post, path = "/agent/{agent_key}", tag = "classic", params(AgentKeyPath),
    request_body = ClassicAgentInput,
    responses(
        (status = 200, description = "The same agent existed: a retry", body = AgentKeyed),
        (status = 201, description = "The agent was created", body = AgentKeyed),
        (status = 409, description = "`agent_exists`: another agent has this key",
            body = Problem, content_type = PROBLEM_JSON),
    )
)]
pub(crate) async fn classic_create_agent(
    State(store): State<Store>,
    Path(AgentKeyPath { agent_key }): Path<AgentKeyPath>,
    Json(input): Json<ClassicAgentInput>,
) -> Result<(StatusCode, Json<AgentKeyed>), ApiError> {
    let new = NewAgent {
        id: agent_key.0.clone(),
        first_name: input.fname.0,
        last_name: input.lname.0,
        skills: input.skills,
        attributes: None,
        presence: Presence::NotReady,
    };
    let stored = store.create_agent(&CenterId::main(), &new).await?;
    if stored.created {
        return Ok((StatusCode::CREATED, Json(AgentKeyed { agent_key })));
    }
    if !new.describes(&stored.value) {
        let detail = format!("agent:{} exists and is not what this body describes.", new.id);
        return Err(ApiError::new(Kind::AgentExists, detail));
    }
    Ok((StatusCode::OK, Json(AgentKeyed { agent_key })))
}

/// Changes the names of an agent.
#[utoipa::path(
    patch, path = "/agent/{agent_key}", tag = "classic", params(AgentKeyPath),
    request_body = ClassicAgentPatch,
    responses((status = 200, description = "The agent was changed", body = AgentKeyed))
)]
pub(crate) async fn classic_update_agent(
    State(store): State<Store>,
    Path(AgentKeyPath { agent_key }): Path<AgentKeyPath>,
    Json(patch): Json<ClassicAgentPatch>,
) -> Answer<AgentKeyed> {
    let change = AgentChange {
        first_name: patch.fname.map(|name| name.0),
        last_name: patch.lname.map(|name| name.0),
        ..AgentChange::default()
    };
    store.update_agent(&CenterId::main(), &agent_key.0, &change).await?;
    Ok(Json(AgentKeyed { agent_key }))
}

/// Deletes an agent. Its contact returns to its position in the queue.
#[utoipa::path(
    delete, path = "/agent/{agent_key}", tag = "classic", params(AgentKeyPath),
    responses((status = 200, description = "The agent was deleted", body = AgentKeyed))
)]
pub(crate) async fn classic_delete_agent(
    State(store): State<Store>,
    Path(AgentKeyPath { agent_key }): Path<AgentKeyPath>,
) -> Answer<AgentKeyed> {
    store.delete_agent(&CenterId::main(), &agent_key.0, true).await?;
    Ok(Json(AgentKeyed { agent_key }))
}

/// Makes an agent available (1) or unavailable (0). Safe to retry.
///
/// If the agent has a contact, the change takes effect when the contact ends.
#[utoipa::path(
    patch, path = "/agent/{agent_key}/state", tag = "classic", params(AgentKeyPath),
    request_body = SwitchInput,
    responses((status = 200, description = "The state was set", body = AgentKeyed))
)]
pub(crate) async fn classic_set_agent_state(
    State(store): State<Store>,
    Path(AgentKeyPath { agent_key }): Path<AgentKeyPath>,
    Json(SwitchInput { state }): Json<SwitchInput>,
) -> Answer<AgentKeyed> {
    store.set_presence(&CenterId::main(), &agent_key.0, &state.presence(None)).await?;
    Ok(Json(AgentKeyed { agent_key }))
}

/// Gives an agent a skill. Safe to retry.
#[utoipa::path(
    patch, path = "/agent/{agent_key}/skill", tag = "classic", params(AgentKeyPath),
    request_body = ClassicSkillInput,
    responses((status = 200, description = "The agent has the skill", body = AgentKeyed))
)]
pub(crate) async fn classic_add_agent_skill(
    State(store): State<Store>,
    Path(AgentKeyPath { agent_key }): Path<AgentKeyPath>,
    Json(ClassicSkillInput { skill }): Json<ClassicSkillInput>,
) -> Answer<AgentKeyed> {
    store.add_skill(&CenterId::main(), &agent_key.0, &skill).await?;
    Ok(Json(AgentKeyed { agent_key }))
}
