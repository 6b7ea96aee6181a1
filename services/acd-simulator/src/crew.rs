//! The agents of a run: hired before it, dismissed after it, whatever happened in between.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use acd_core::{
    event::EventId,
    ids::AgentId,
    skill::{Skill, Skills},
    time::Timestamp,
};
use anyhow::Context;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio_util::sync::CancellationToken;

use crate::{
    api::{AgentBody, Api, CallError},
    workload::Worker,
};

/// So many calls at once while hiring and dismissing.
const AT_ONCE: usize = 16;

/// Agents whose skills are `each` neighbours on a ring of `skills`, so that all are in use. The skills
/// have our prefix: contacts of others can't come to us, nor ours to others.
pub(crate) fn ring(
    prefix: &str,
    agents: u32,
    skills: u32,
    each: u32,
) -> anyhow::Result<Vec<Worker>> {
    let each = each.min(skills);
    let worker = |n: u32| {
        let skill = |k: u32| format!("{prefix}s{}", (n + k) % skills).parse::<Skill>();
        let list = (0..each).map(skill).collect::<Result<Vec<_>, _>>()?;
        let first_name = prefix.split('-').next().unwrap_or_default().to_owned();
        Ok(Worker { first_name, last_name: n.to_string(), skills: Skills::try_from(list)? })
    };
    (0..agents).map(worker).collect()
}

/// The agents of one run.
#[derive(Debug)]
pub(crate) struct Crew {
    api: Arc<Api>,
    members: Vec<(AgentId, Worker)>,
    /// When the first of them was created, by Redis's clock.
    since: Mutex<Option<Timestamp>>,
}

impl Crew {
    /// A crew that nobody has heard of yet; ids begin with `prefix`.
    pub(crate) fn new(api: Arc<Api>, prefix: &str, workers: Vec<Worker>) -> anyhow::Result<Self> {
        let named = workers.into_iter().enumerate().map(|(n, worker)| {
            let id = format!("{prefix}a{:03}", n + 1).parse().context("make an agent id")?;
            Ok((id, worker))
        });
        let members = named.collect::<anyhow::Result<_>>()?;
        Ok(Self { api, members, since: Mutex::new(None) })
    }

    /// Who can do what.
    pub(crate) fn skills(&self) -> HashMap<AgentId, Skills> {
        self.members.iter().map(|(id, worker)| (id.clone(), worker.skills.clone())).collect()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// Creates the agents, offline.
    pub(crate) async fn hire(&self, stopping: &CancellationToken) -> Result<(), CallError> {
        self.each(stopping, async |id: &AgentId, worker: &Worker| {
            let (first_name, last_name) = (worker.first_name.as_str(), worker.last_name.as_str());
            let body = AgentBody { id, first_name, last_name, skills: &worker.skills };
            let created = self.api.create_agent(&body).await?.created_at;
            let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
            *since = Some(since.map_or(created, |other| other.min(created)));
            Ok(())
        })
        .await
    }

    /// A place in the event log before anything that the agents do; `None` without agents.
    pub(crate) fn since(&self) -> Option<EventId> {
        let since = *self.since.lock().unwrap_or_else(PoisonError::into_inner);
        // A second earlier: events of others do no harm, a missed one of ours would.
        since.and_then(|at| (at.ms() - 1000).max(0).to_string().parse().ok())
    }

    /// Makes the agents ready.
    pub(crate) async fn start(&self, stopping: &CancellationToken) -> Result<(), CallError> {
        self.each(stopping, async |id: &AgentId, _: &Worker| {
            self.api.make_ready(id).await.map(|_| ())
        })
        .await
    }

    /// Deletes the agents, those that were never created too. Says how many could not be deleted.
    pub(crate) async fn dismiss(&self) {
        let failed = stream::iter(&self.members)
            .map(|(id, _)| self.api.delete_agent(id))
            .buffer_unordered(AT_ONCE)
            .filter_map(async |deleted| deleted.err());
        let failed: Vec<CallError> = failed.collect().await;
        if let Some(first) = failed.first() {
            tracing::warn!(agents = failed.len(), error = %first, "agents could not be deleted");
        }
    }

    /// Does something for every agent, until it fails or we are asked to stop.
    async fn each(
        &self,
        stopping: &CancellationToken,
        act: impl AsyncFn(&AgentId, &Worker) -> Result<(), CallError>,
    ) -> Result<(), CallError> {
        stream::iter(&self.members)
            .take_while(|_| std::future::ready(!stopping.is_cancelled()))
            .map(|(id, worker)| act(id, worker))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skills_of(workers: &[Worker]) -> Vec<&str> {
        let mut all: Vec<_> =
            workers.iter().flat_map(|w| w.skills.iter()).map(Skill::as_str).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn all_skills_are_in_use_and_belong_to_this_run() {
        let workers = ring("bench-1-", 10, 5, 3).unwrap();
        assert!(workers.iter().all(|worker| worker.skills.len() == 3));
        let expected = ["bench-1-s0", "bench-1-s1", "bench-1-s2", "bench-1-s3", "bench-1-s4"];
        assert_eq!(skills_of(&workers), expected);
    }

    #[test]
    fn more_skills_each_than_there_are_is_all_of_them() {
        assert_eq!(ring("p-", 1, 2, 5).unwrap()[0].skills.len(), 2);
    }
}
