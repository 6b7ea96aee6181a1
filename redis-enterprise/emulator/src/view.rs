//! Who is primary of what. The sentinels decide; a node believes what a majority of them told it
//! within the last moment (the lease), so one that is cut off knows that it knows nothing.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
};

use tokio::time::Instant;

use crate::settings::LEASE;

/// The group of the configuration store: where its primary is, is the primary of the cluster.
pub(crate) const CCS: &str = "ccs";

/// What one sentinel said.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// When it was asked: what it said was true then or later.
    pub(crate) asked: Instant,
    pub(crate) groups: HashMap<String, Watched>,
}

/// A group as one sentinel sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Watched {
    pub(crate) at: SocketAddr,
    /// Grows with each failover.
    pub(crate) epoch: u64,
    pub(crate) replicas: usize,
}

/// The primary of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Primary {
    pub(crate) at: SocketAddr,
    pub(crate) epoch: u64,
    /// Until when this may be believed.
    pub(crate) until: Instant,
}

impl Primary {
    /// Whether it is the same server, and has been primary all the time.
    pub(crate) fn is_same(self, other: Self) -> bool {
        (self.at, self.epoch) == (other.at, other.epoch)
    }
}

/// What the sentinels say, taken together.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// When each node's sentinel was last heard.
    heard: BTreeMap<u32, Instant>,
    groups: HashMap<String, Primary>,
    /// The fewest replicas that any sentinel sees, by group, if all who were heard know it.
    replicas: HashMap<String, usize>,
    quorum: usize,
}

impl View {
    /// The primary of a group, if a majority is sure of it at this moment.
    pub(crate) fn primary(&self, group: &str) -> Option<Primary> {
        self.groups.get(group).filter(|primary| primary.until > Instant::now()).copied()
    }

    /// The primary that was last known, sure or not.
    pub(crate) fn last_primary(&self, group: &str) -> Option<Primary> {
        self.groups.get(group).copied()
    }

    /// Whether a node answers.
    pub(crate) fn is_up(&self, node: u32) -> bool {
        self.heard.get(&node).is_some_and(|at| at.elapsed() < LEASE * 2)
    }

    /// Whether a majority of nodes answers.
    pub(crate) fn has_quorum(&self) -> bool {
        let up = self.heard.values().filter(|at| at.elapsed() < LEASE * 2).count();
        self.quorum > 0 && up >= self.quorum
    }

    /// The replicas of a group that every sentinel that answers knows of.
    pub(crate) fn replicas(&self, group: &str) -> Option<usize> {
        self.replicas.get(group).copied()
    }

    /// Whether the primary of a group is another one than in `before`.
    pub(crate) fn has_moved_since(&self, before: &Self) -> bool {
        let is_new = |(group, new): (&String, &Primary)| {
            before.last_primary(group).is_none_or(|old| !old.is_same(*new))
        };
        self.groups.iter().any(is_new)
    }

    /// The address of the last known primary of every group.
    pub(crate) fn last_primaries(self) -> HashMap<String, SocketAddr> {
        self.groups.into_iter().map(|(group, primary)| (group, primary.at)).collect()
    }

    /// Takes together what the sentinels said.
    pub(crate) fn of(reports: &BTreeMap<u32, Report>, quorum: usize, before: &Self) -> Self {
        let fresh: Vec<&Report> = reports.values().filter(|r| r.asked.elapsed() < LEASE).collect();
        let mut groups = before.groups.clone();
        let mut replicas = HashMap::new();
        for group in fresh.iter().flat_map(|report| report.groups.keys()) {
            let votes = fresh.iter().filter_map(|report| Some((report, report.groups.get(group)?)));
            let votes: Vec<_> = votes.collect();
            if votes.len() == fresh.len() {
                let fewest = votes.iter().map(|(_, watched)| watched.replicas).min();
                replicas.insert(group.clone(), fewest.unwrap_or(0));
            }
            let mut asked: Vec<Instant> = votes.iter().map(|(report, _)| report.asked).collect();
            asked.sort_unstable_by(|a, b| b.cmp(a));
            // Each epoch was voted for by a majority, so the last one counts, whoever tells of it.
            let latest = votes.iter().max_by_key(|(_, watched)| watched.epoch);
            if let (Some((_, watched)), Some(oldest)) = (latest, asked.get(quorum.max(1) - 1)) {
                let until = *oldest + LEASE;
                let primary = Primary { at: watched.at, epoch: watched.epoch, until };
                groups.insert(group.clone(), primary);
            }
        }
        let heard = reports.iter().map(|(node, report)| (*node, report.asked)).collect();
        Self { heard, groups, replicas, quorum }
    }
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
