//! A call: its script, its keys and arguments, and attempts until it succeeds.

pub(crate) mod agreement;
pub(crate) mod args;
pub(crate) mod attempt;
pub(crate) mod batch;
pub(crate) mod doc;
pub(crate) mod keys;
pub(crate) mod scripts;
