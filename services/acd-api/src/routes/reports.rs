//! Explanations, statistics and consistency checks.

use acd_core::{consistency::Consistency, explain::Explanation, stats::Stats};
use acd_store::Store;
use axum::extract::State;

use super::{
    Answer,
    params::{ContactPath, InCenter},
};
use crate::http::extract::{Json, Path};

/// Explains why a contact waits, or why it was assigned to its agent.
#[utoipa::path(
    get, path = "/v1/centers/{center}/contacts/{contact}/explain", tag = "reports",
    params(ContactPath),
    responses((status = 200, description = "The explanation", body = Explanation))
)]
pub(crate) async fn explain_contact(
    State(store): State<Store>,
    Path(ContactPath { center, contact }): Path<ContactPath>,
) -> Answer<Explanation> {
    Ok(Json(store.explain_contact(&center, &contact).await?))
}

/// Returns the statistics of a center, all read at the same instant.
#[utoipa::path(
    get, path = "/v1/centers/{center}/stats", tag = "reports", params(InCenter),
    responses((status = 200, description = "The statistics", body = Stats))
)]
pub(crate) async fn get_stats(
    State(store): State<Store>,
    Path(InCenter { center }): Path<InCenter>,
) -> Answer<Stats> {
    Ok(Json(store.read_stats(&center).await?))
}

/// Checks every invariant of a center.
///
/// The check reads all data of the center. Do not run it periodically.
#[utoipa::path(
    get, path = "/v1/centers/{center}/consistency", tag = "reports", params(InCenter),
    responses((status = 200, description = "The result of the check", body = Consistency))
)]
pub(crate) async fn get_consistency(
    State(store): State<Store>,
    Path(InCenter { center }): Path<InCenter>,
) -> Answer<Consistency> {
    Ok(Json(store.consistency(&center).await?))
}
