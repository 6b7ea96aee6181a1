//! What a node of a cluster says of all nodes: CLUSTER NODES.

/// Whether CLUSTER NODES names a replica of any primary, given up or not.
pub(crate) fn names_a_replica(nodes: &str) -> bool {
    parse(nodes).any(|node| node.is("slave"))
}

/// A line of CLUSTER NODES.
pub(crate) struct Node<'a> {
    pub(crate) id: &'a str,
    flags: &'a str,
    /// Of a replica: the id of its primary.
    pub(crate) primary: &'a str,
}

impl Node<'_> {
    /// Whether it has this flag.
    pub(crate) fn is(&self, flag: &str) -> bool {
        self.flags.split(',').any(|other| other == flag)
    }
}

/// Id, address, flags, id of the primary and more.
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
