//! Lists in parts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A part of a list, and where the next part begins.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// This part.
    pub items: Vec<T>,
    /// Pass it as `cursor` for the next part; `null` at the end.
    pub next: Option<String>,
}
