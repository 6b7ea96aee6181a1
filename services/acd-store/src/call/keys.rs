//! The names of all keys that are made outside the scripts.
//!
//! Every key has exactly one hash tag. That of a center's keys is its partition, so that a script
//! finds all keys of the center, and the partition's work, in one slot of a clustered Redis.

use acd_core::ids::CenterId;

/// What every process must agree on.
pub(crate) const META: &str = "acd:{meta}";

/// The partition of a center: FNV-1a (64 bit) of its name, modulo the number of partitions.
pub(crate) fn partition(center: &CenterId, partitions: u16) -> u16 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let hash = center
        .as_str()
        .bytes()
        .fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    u16::try_from(hash % u64::from(partitions)).unwrap_or(0)
}

/// Work for the dispatchers of a partition: `s|<center>|<signature>`, `a|<center>|<agent>`.
pub(crate) fn dirty(partition: u16) -> String {
    format!("acd:{{{partition}}}:dirty")
}

/// What the dispatchers of a partition sleep on.
pub(crate) fn bell(partition: u16) -> String {
    format!("acd:{{{partition}}}:bell")
}

/// Timers of a partition by the instant at which they are due.
pub(crate) fn timers(partition: u16) -> String {
    format!("acd:{{{partition}}}:timers")
}

/// A key that nobody makes: a slot of which some keys have moved to another node lacks it, like those.
pub(crate) fn never(partition: u16) -> String {
    format!("acd:{{{partition}}}:never")
}

/// What is written after the calls of a round, so that a replica can confirm all of them.
pub(crate) fn mark(partition: u16) -> String {
    format!("acd:{{{partition}}}:mark")
}

/// The centers of a partition.
pub(crate) fn centers(partition: u16) -> String {
    format!("acd:{{{partition}}}:centers")
}

/// A center's settings. The names of its other keys begin as this one does.
pub(crate) fn config(partition: u16, center: &CenterId) -> String {
    of_center(partition, center, "config")
}

/// A center's event log.
pub(crate) fn events(partition: u16, center: &CenterId) -> String {
    of_center(partition, center, "events")
}

/// A key of a center by its name: [`QUEUE`], [`ASSIGNED`], [`ENDED`].
pub(crate) fn of_center(partition: u16, center: &CenterId, name: &str) -> String {
    format!("acd:{{{partition}}}:{center}:{name}")
}

/// The name of a center's index of queued contacts. Scripts are given it as an argument.
pub(crate) const QUEUE: &str = "queue";
/// The name of a center's index of assigned contacts.
pub(crate) const ASSIGNED: &str = "assigned";
/// The name of a center's index of contacts that ended and are still kept.
pub(crate) const ENDED: &str = "ended";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_center_stays_in_its_partition_for_ever() {
        // Changing the hash would lose every center of every installation.
        let of = |name: &str| partition(&name.parse().unwrap(), 8);
        assert_eq!([of("main"), of("a"), of("b"), of("sales.emea")], [0, 4, 5, 3]);
    }

    #[test]
    fn a_center_cannot_name_a_key_of_its_partition() {
        let center: CenterId = "dirty".parse().unwrap();
        assert_ne!(config(1, &center), dirty(1));
    }
}
