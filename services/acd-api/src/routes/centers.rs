//! Centers.

use acd_core::{
    center::{Center, CenterSettings},
    page::Page,
};
use acd_store::Store;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Answer,
    params::{InCenter, PageQuery},
};
use crate::http::{
    extract::{Json, Path, Query},
    input::Whole,
    problem::ApiError,
};

/// The settings of a center. An absent setting keeps its value; in a new center it gets its default.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "open": true, "max_waiting": 1000, "service_level_s": 20, "short_abandon_s": 5,
    "retention_s": 86400
})))]
pub(crate) struct CenterInput {
    /// Whether new contacts are accepted (default true). While it is false, new contacts are
    /// `rejected`; queued contacts are still assigned.
    open: Option<bool>,
    /// The maximum number of queued contacts; further ones are `rejected`. 0 means no limit
    /// (default 0).
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 1_000_000)]
    max_waiting: Option<Whole<u32, 0, 1_000_000>>,
    /// The service level threshold in seconds (default 20).
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 3600)]
    service_level_s: Option<Whole<u32, 1, 3600>>,
    /// A contact abandoned before this many seconds is a short abandon, which the service level
    /// does not count (default 5).
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 3600)]
    short_abandon_s: Option<Whole<u32, 0, 3600>>,
    /// How long an ended contact is kept, in seconds (default 86400, one day).
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 2_592_000)]
    retention_s: Option<Whole<u32, 1, 2_592_000>>,
}

/// Lists the centers.
#[utoipa::path(
    get, path = "/v1/centers", tag = "centers", params(PageQuery),
    responses((status = 200, description = "One page of centers", body = Page<Center>))
)]
pub(crate) async fn list_centers(
    State(store): State<Store>,
    Query(page): Query<PageQuery>,
) -> Answer<Page<Center>> {
    Ok(Json(store.centers(page.cursor.as_deref(), page.limit.0).await?))
}

/// Returns a center.
#[utoipa::path(
    get, path = "/v1/centers/{center}", tag = "centers", params(InCenter),
    responses((status = 200, description = "The center", body = Center))
)]
pub(crate) async fn get_center(
    State(store): State<Store>,
    Path(InCenter { center }): Path<InCenter>,
) -> Answer<Center> {
    Ok(Json(store.center(&center).await?))
}

/// Creates a center or changes its settings.
///
/// An absent setting keeps its value; in a new center it gets its default.
#[utoipa::path(
    put, path = "/v1/centers/{center}", tag = "centers", params(InCenter),
    request_body = CenterInput,
    responses(
        (status = 200, description = "The center existed; its settings after the change", body = Center),
        (status = 201, description = "The center was created", body = Center),
    )
)]
pub(crate) async fn put_center(
    State(store): State<Store>,
    Path(InCenter { center }): Path<InCenter>,
    Json(input): Json<CenterInput>,
) -> Result<Response, ApiError> {
    let settings = CenterSettings {
        open: input.open,
        max_waiting: input.max_waiting.map(|number| number.0),
        service_level_s: input.service_level_s.map(|number| number.0),
        short_abandon_s: input.short_abandon_s.map(|number| number.0),
        retention_s: input.retention_s.map(|number| number.0),
    };
    let stored = store.put_center(&center, &settings).await?;
    let status = if stored.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(stored.value)).into_response())
}
