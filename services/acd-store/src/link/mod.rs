//! The connections that carry calls, and the durability of their replies.

pub(crate) mod confirm;
pub(crate) mod durability;
pub(crate) mod lane;
pub(crate) mod shared;
