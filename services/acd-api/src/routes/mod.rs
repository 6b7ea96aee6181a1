//! The handlers, a file for each noun: extract, one call of the store, answer.

pub(crate) mod agents;
pub(crate) mod centers;
pub(crate) mod classic;
pub(crate) mod contacts;
pub(crate) mod events;
pub(crate) mod meta;
pub(crate) mod params;
pub(crate) mod reports;
pub(crate) mod skills;

use crate::http::{extract::Json, problem::ApiError};

/// What a handler that shows something answers.
type Answer<T> = Result<Json<T>, ApiError>;
