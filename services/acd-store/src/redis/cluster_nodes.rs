//! Parses the reply of CLUSTER NODES: the nodes of a cluster as one node knows them.

/// Whether any primary has a replica, including replicas that are marked as failed.
pub(crate) fn names_a_replica(nodes: &str) -> bool {
    parse(nodes).any(|node| node.is("slave"))
}

/// One node: a line of the reply.
pub(crate) struct Node<'a> {
    pub(crate) id: &'a str,
    flags: &'a str,
    /// The id of its primary if it is a replica, else `-`.
    pub(crate) primary: &'a str,
}

impl Node<'_> {
    /// Whether it has this flag.
    pub(crate) fn is(&self, flag: &str) -> bool {
        self.flags.split(',').any(|other| other == flag)
    }
}

/// The nodes of a reply. A line has id, address, flags, id of the primary and more fields.
pub(crate) fn parse(nodes: &str) -> impl Iterator<Item = Node<'_>> {
    nodes.lines().filter_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let [id, _, flags, primary] = std::array::from_fn(|_| fields.next());
        Some(Node { id: id?, flags: flags?, primary: primary? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_is_named_also_when_it_has_failed() {
        assert!(names_a_replica("dd 10.0.0.2:6381@16381 slave,fail aa 0 0 1 disconnected"));
        assert!(!names_a_replica("aa 10.0.0.1:6381@16381 myself,master - 0 0 1 connected 0-5460"));
    }
}
