//! Skills, across the agents of a center.

use acd_core::{agent::SkillUse, page::Page, skill::Skill};
use acd_store::Store;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Answer,
    params::{InCenter, PageQuery, SkillPath},
};
use crate::http::extract::{Json, Path, Query};

/// A skill that was taken from every agent.
#[derive(Serialize, ToSchema)]
#[schema(examples(json!({"skill": "french", "agents": 3})))]
pub(crate) struct RemovedSkill {
    /// The skill.
    skill: Skill,
    /// The number of agents that had the skill.
    agents: u64,
}

/// Lists the skills that agents have, and how many have them.
#[utoipa::path(
    get, path = "/v1/centers/{center}/skills", tag = "skills", params(InCenter, PageQuery),
    responses((status = 200, description = "One page of skills", body = Page<SkillUse>))
)]
pub(crate) async fn list_skills(
    State(store): State<Store>,
    Path(InCenter { center }): Path<InCenter>,
    Query(page): Query<PageQuery>,
) -> Answer<Page<SkillUse>> {
    Ok(Json(store.list_skills(&center, page.cursor.as_deref(), page.limit.0).await?))
}

/// Takes a skill from every agent. Safe to retry.
#[utoipa::path(
    delete, path = "/v1/centers/{center}/skills/{skill}", tag = "skills", params(SkillPath),
    responses((status = 200, description = "The number of agents that had the skill", body = RemovedSkill))
)]
pub(crate) async fn delete_skill(
    State(store): State<Store>,
    Path(SkillPath { center, skill }): Path<SkillPath>,
) -> Answer<RemovedSkill> {
    let agents = store.remove_skill_everywhere(&center, &skill).await?;
    Ok(Json(RemovedSkill { skill, agents }))
}
