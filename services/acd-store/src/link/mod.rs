//! Over which connections calls go, and when an answer counts.

pub(crate) mod confirm;
pub(crate) mod durability;
pub(crate) mod lane;
pub(crate) mod shared;
