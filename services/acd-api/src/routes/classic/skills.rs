//! Skills, the classic way.

use acd_core::{ids::CenterId, skill::Skill};
use acd_store::Store;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::AgentKey;
use crate::{
    http::extract::{Json, Path},
    routes::Answer,
};

/// A skill of an agent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AgentKeySkillPath {
    /// The key of the agent.
    #[param(example = "agent:7")]
    agent_key: AgentKey,
    /// The skill. A `/` in it is written as `%2F`.
    #[param(example = "french")]
    skill: Skill,
}

/// A skill of any agent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AnySkillPath {
    /// The skill. A `/` in it is written as `%2F`.
    #[param(example = "french")]
    skill: Skill,
}

/// A skill.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({"skill": "french"})))]
pub(crate) struct ClassicSkill {
    /// The skill.
    skill: Skill,
}

/// Takes a skill from an agent. Safe to retry.
#[utoipa::path(
    delete, path = "/agent/{agent_key}/skill/{skill}", tag = "classic", params(AgentKeySkillPath),
    responses((status = 200, description = "The agent does not have the skill", body = ClassicSkill))
)]
pub(crate) async fn classic_remove_agent_skill(
    State(store): State<Store>,
    Path(AgentKeySkillPath { agent_key, skill }): Path<AgentKeySkillPath>,
) -> Answer<ClassicSkill> {
    store.remove_skill(&CenterId::main(), &agent_key.0, &skill).await?;
    Ok(Json(ClassicSkill { skill }))
}

/// Takes a skill from every agent. Safe to retry.
#[utoipa::path(
    delete, path = "/skill/{skill}", tag = "classic", params(AnySkillPath),
    responses((status = 200, description = "No agent has the skill", body = ClassicSkill))
)]
pub(crate) async fn classic_delete_skill(
    State(store): State<Store>,
    Path(AnySkillPath { skill }): Path<AnySkillPath>,
) -> Answer<ClassicSkill> {
    store.remove_skill_everywhere(&CenterId::main(), &skill).await?;
    Ok(Json(ClassicSkill { skill }))
}
