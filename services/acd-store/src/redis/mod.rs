//! Finds the Redis server that takes writes, and connects to it.

pub(crate) mod cluster;
pub(crate) mod cluster_nodes;
pub(crate) mod endpoint;
pub(crate) mod sentinel;
pub(crate) mod target;
pub(crate) mod url;
