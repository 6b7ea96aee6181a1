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

/// Settings of a center; what is left out stays as it is, or takes its default in a new center.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CenterInput {
    /// Whether new contacts are taken (default true); those that wait are served in any case.
    open: Option<bool>,
    /// The most contacts that may wait at once, 0 for no limit (default 0).
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 1_000_000)]
    max_waiting: Option<Whole<u32, 0, 1_000_000>>,
    /// The T of service level(T), in seconds (default 20).
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 3600)]
    service_level_s: Option<Whole<u32, 1, 3600>>,
    /// Who leaves before this many seconds is a short abandon (default 5).
    #[schema(value_type = Option<u32>, minimum = 0, maximum = 3600)]
    short_abandon_s: Option<Whole<u32, 0, 3600>>,
    /// How long an ended contact can still be read, in seconds (default 86400, a day).
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 2_592_000)]
    retention_s: Option<Whole<u32, 1, 2_592_000>>,
}

/// Lists the centers.
#[utoipa::path(
    get, path = "/v1/centers", tag = "centers", params(PageQuery),
    responses((status = 200, description = "A part of the centers", body = Page<Center>))
)]
pub(crate) async fn list_centers(
    State(store): State<Store>,
    Query(page): Query<PageQuery>,
) -> Answer<Page<Center>> {
    Ok(Json(store.centers(page.cursor.as_deref(), page.limit.0).await?))
}

/// Shows a center.
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

/// Creates a center, or changes its settings.
///
/// What is left out stays as it is, or takes its default in a new center.
#[utoipa::path(
    put, path = "/v1/centers/{center}", tag = "centers", params(InCenter),
    request_body = CenterInput,
    responses(
        (status = 200, description = "It was there; as it is now", body = Center),
        (status = 201, description = "Created", body = Center),
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
