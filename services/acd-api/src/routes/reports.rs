//! What a center tells of itself.

use acd_core::{consistency::Consistency, explain::Explanation, stats::Stats};
use acd_store::Store;
use axum::extract::State;

use super::{
    Answer,
    params::{ContactPath, InCenter},
};
use crate::http::extract::{Json, Path};

/// Explains why a contact waits, or why its agent got it.
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

/// Shows the center's figures, all of one instant.
#[utoipa::path(
    get, path = "/v1/centers/{center}/stats", tag = "reports", params(InCenter),
    responses((status = 200, description = "The figures", body = Stats))
)]
pub(crate) async fn get_stats(
    State(store): State<Store>,
    Path(InCenter { center }): Path<InCenter>,
) -> Answer<Stats> {
    Ok(Json(store.read_stats(&center).await?))
}

/// Looks whether every invariant of the center holds.
///
/// It reads everything the center has: ask for it when you need it, not every second.
#[utoipa::path(
    get, path = "/v1/centers/{center}/consistency", tag = "reports", params(InCenter),
    responses((status = 200, description = "What was looked at, and found", body = Consistency))
)]
pub(crate) async fn get_consistency(
    State(store): State<Store>,
    Path(InCenter { center }): Path<InCenter>,
) -> Answer<Consistency> {
    Ok(Json(store.consistency(&center).await?))
}
