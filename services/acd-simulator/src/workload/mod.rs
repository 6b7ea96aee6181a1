//! What is going to happen: who works, who calls when, for how long. The same seed gives the same
//! workload.

mod draw;
mod names;

use std::time::Duration;

use acd_core::skill::{MAX_SKILLS, Skill, Skills};
use acd_process::duration::some_time;
use clap::ValueEnum;
use rand::{
    Rng, SeedableRng,
    rngs::StdRng,
    seq::{IndexedRandom, index},
};
use serde::Serialize;

use crate::flags::rate;

/// How talk times are spread around their mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Spread {
    /// Exponential (memoryless), as queueing theory assumes
    Exponential,
    /// Log-normal, as measured in contact centres: few very short calls and a long tail. The
    /// standard deviation equals the mean
    Lognormal,
}

/// The parameters of the workload.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Workload")]
pub struct Mix {
    /// Number of agents
    #[arg(long, env = "ACD_SIMULATOR_AGENTS", default_value_t = 40, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub(crate) agents: u32,
    /// Number of contacts
    #[arg(long, env = "ACD_SIMULATOR_CONTACTS", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) contacts: u32,
    /// Number of different skills
    #[arg(long, env = "ACD_SIMULATOR_SKILLS", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) skills: u32,
    /// Maximum number of skills of an agent (uniformly distributed from 1)
    #[arg(long, env = "ACD_SIMULATOR_SKILLS_PER_AGENT", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=MAX_SKILLS as i64))]
    pub(crate) skills_per_agent: u32,
    /// Maximum number of skills that a contact requires (uniformly distributed from 1)
    #[arg(long, env = "ACD_SIMULATOR_SKILLS_PER_CONTACT", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=MAX_SKILLS as i64))]
    pub(crate) skills_per_contact: u32,
    /// Mean number of arrivals per second (Poisson process)
    #[arg(long, env = "ACD_SIMULATOR_ARRIVAL_RATE", value_name = "PER_SECOND", default_value = "10", value_parser = rate)]
    pub(crate) arrival_rate: f64,
    /// Mean talk time
    #[arg(long, env = "ACD_SIMULATOR_TALK", value_name = "TIME", default_value = "4s", value_parser = some_time)]
    pub(crate) talk: Duration,
    /// Distribution of talk times
    #[arg(long, env = "ACD_SIMULATOR_TALK_SPREAD", value_enum, default_value = "lognormal")]
    pub(crate) talk_spread: Spread,
    /// Mean time after which a waiting caller hangs up (exponentially distributed)
    #[arg(long, env = "ACD_SIMULATOR_PATIENCE", value_name = "TIME", default_value = "8s", value_parser = some_time)]
    pub(crate) patience: Duration,
    /// Factor by which the workload is accelerated
    #[arg(long, env = "ACD_SIMULATOR_SPEED", value_name = "FACTOR", default_value = "1", value_parser = rate)]
    pub(crate) speed: f64,
}

/// An agent to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Worker {
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) skills: Skills,
}

/// A contact to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Caller {
    /// When, from the beginning.
    pub(crate) arrives: Duration,
    pub(crate) skills: Skills,
    pub(crate) talk: Duration,
    pub(crate) patience: Duration,
}

/// Everything that is going to happen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Workload {
    pub(crate) workers: Vec<Worker>,
    pub(crate) callers: Vec<Caller>,
}

impl Workload {
    /// Draws a workload. A contact needs a part of what some agent can do, so that somebody can
    /// serve it; without agents it needs any skills.
    pub(crate) fn draw(mix: &Mix, seed: u64) -> Self {
        let names = names::skills(mix.skills);
        // Agents and contacts have sequences of their own: another number of agents changes
        // neither when contacts arrive nor how long they take.
        let mut rng = StdRng::seed_from_u64(seed);
        let workers: Vec<Worker> =
            (0..mix.agents).map(|n| worker(mix, n, &names, &mut rng)).collect();

        let mut rng = StdRng::seed_from_u64(seed ^ 0x5EED_0FC0_11EC_7501);
        let mut arrives = Duration::ZERO;
        let callers = (0..mix.contacts).map(|_| {
            let scaled = |time: Duration| time.div_f64(mix.speed);
            let gap = Duration::from_secs(1).div_f64(mix.arrival_rate);
            arrives += scaled(draw::exponential(&mut rng, gap));
            let talk = scaled(match mix.talk_spread {
                Spread::Exponential => draw::exponential(&mut rng, mix.talk),
                Spread::Lognormal => draw::lognormal(&mut rng, mix.talk),
            });
            let patience = scaled(draw::exponential(&mut rng, mix.patience));
            // Drawn last and from a sequence of its own, because it takes a varying number of draws.
            let mut rng = StdRng::seed_from_u64(rng.random());
            let worker = workers.choose(&mut rng).map(|worker| worker.skills.iter().as_slice());
            let skills = some_of(worker.unwrap_or(&names), mix.skills_per_contact, None, &mut rng);
            Caller { arrives, skills, talk, patience }
        });
        let callers = callers.collect();
        Self { workers, callers }
    }

    /// How many contacts no agent could serve.
    pub(crate) fn unservable(&self) -> usize {
        let served = |c: &Caller| self.workers.iter().any(|w| w.skills.satisfy(&c.skills));
        self.callers.iter().filter(|caller| !served(caller)).count()
    }
}

/// The `n`th agent; the first of its skills is the `n`th in turn, so that all are covered.
fn worker(mix: &Mix, n: u32, names: &[Skill], rng: &mut StdRng) -> Worker {
    let (first_name, last_name) = names::person(rng);
    let skills = some_of(names, mix.skills_per_agent, Some(n as usize % names.len()), rng);
    Worker { first_name, last_name, skills }
}

/// One to `most` of `from`, `always` among them if given.
fn some_of(from: &[Skill], most: u32, always: Option<usize>, rng: &mut StdRng) -> Skills {
    let most = from.len().min(most as usize);
    let count = rng.random_range(1..=most);
    let chosen = always.into_iter().chain(index::sample(rng, from.len(), most));
    let mut list: Vec<Skill> = Vec::with_capacity(count);
    for skill in chosen.map(|n| &from[n]) {
        if list.len() < count && !list.contains(skill) {
            list.push(skill.clone());
        }
    }
    // Never too long: `most` is MAX_SKILLS at most.
    Skills::try_from(list).unwrap_or_default()
}

#[cfg(test)]
mod tests;
