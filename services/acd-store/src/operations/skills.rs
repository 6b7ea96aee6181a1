//! Operations on the skills of agents.

use acd_core::{
    agent::{Agent, SkillUse},
    ids::{AgentId, CenterId},
    page::Page,
    skill::{MAX_SKILLS, Skill},
};
use redis::Value;

use crate::{
    Result, Store, StoreError,
    call::{doc::Doc, scripts},
    operations::agents::{AT_ONCE, agent},
};

impl Store {
    /// Gives an agent a skill. A repeat changes nothing.
    pub async fn add_skill(&self, center: &CenterId, id: &AgentId, skill: &Skill) -> Result<Agent> {
        let args = [id.as_str(), skill.as_str(), &MAX_SKILLS.to_string()];
        let doc: Doc = self.call(&scripts::ADD_SKILL, center, &args).await?;
        agent(center, id, &doc)
    }

    /// Takes a skill from an agent. A repeat changes nothing.
    pub async fn remove_skill(
        &self,
        center: &CenterId,
        id: &AgentId,
        skill: &Skill,
    ) -> Result<Agent> {
        let doc: Doc =
            self.call(&scripts::REMOVE_SKILL, center, &[id.as_str(), skill.as_str()]).await?;
        agent(center, id, &doc)
    }

    /// Takes a skill from every agent that has it, each in a step of its own. Returns from how many.
    pub async fn remove_skill_everywhere(&self, center: &CenterId, skill: &Skill) -> Result<u64> {
        let mut total = 0;
        loop {
            let args = [skill.as_str(), &AT_ONCE.to_string()];
            let removed: u64 = self.call(&scripts::REMOVE_SKILL_EVERYWHERE, center, &args).await?;
            total += removed;
            if removed < AT_ONCE as u64 {
                return Ok(total);
            }
        }
    }

    /// Lists the skills that agents have in canonical order, from after `cursor` on.
    pub async fn list_skills(
        &self,
        center: &CenterId,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<SkillUse>> {
        let args = [cursor.unwrap_or_default(), &limit.to_string()];
        let rows: Vec<Value> = self.call(&scripts::LIST_SKILLS, center, &args).await?;
        let items = skill_uses(&rows)?;
        let next = items.last().filter(|_| items.len() == limit).map(|last| last.skill.to_string());
        Ok(Page { items, next })
    }
}

/// Skills with who has them, from rows of three.
pub(crate) fn skill_uses(rows: &[Value]) -> Result<Vec<SkillUse>> {
    let uses = rows.chunks_exact(3).map(|row| {
        let (skill, agents, available): (String, u64, u64) =
            redis::from_redis_value(Value::Array(row.to_vec())).map_err(StoreError::broken)?;
        Ok(SkillUse { skill: skill.parse().map_err(StoreError::broken)?, agents, available })
    });
    uses.collect()
}
