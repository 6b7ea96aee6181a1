//! What every request meets: connections, layers, extractors, problems, and whether requests should
//! come here at all.

pub(crate) mod connections;
pub(crate) mod extract;
pub(crate) mod input;
pub(crate) mod layers;
pub(crate) mod problem;
pub(crate) mod readiness;
