//! The REST API on port 9443.

mod bdbs;
mod cluster;
mod faults;
mod gate;
mod join;
mod local;
mod roles;
mod shown;
mod users;

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{FromRequest, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::Response,
    routing::{get, post, put},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use gate::Caller;
pub(crate) use shown::overview;

use crate::{app::App, refused::Refused, settings::PRODUCT};

/// What every handler gives.
type Answer = Result<Json<Value>, Refused>;
type Node = State<Arc<App>>;
type Who = Extension<Caller>;

/// All routes.
pub(crate) fn router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/v1/bootstrap", get(local::show_bootstrap))
        .route("/v1/bootstrap/{action}", post(local::start_bootstrap))
        .route("/v1/local/node/master_healthcheck", get(local::master_healthcheck))
        .route("/v1/local/bdbs/{uid}/endpoint/availability", get(local::endpoint_availability))
        .route("/v1/cluster", get(cluster::show).put(cluster::change))
        .route("/v1/cluster/policy", get(cluster::show_policy).put(cluster::change_policy))
        .route("/v1/license", get(cluster::license).put(cluster::install_license))
        .route("/v1/modules", get(cluster::modules))
        .route("/v1/nodes", get(cluster::nodes))
        .route("/v1/nodes/{uid}", get(cluster::node))
        .route("/v1/roles", get(roles::list).post(roles::create))
        .route("/v1/roles/{uid}", get(roles::show).put(roles::change).delete(roles::delete))
        .route("/v1/users", get(users::list).post(users::create))
        .route("/v1/users/{uid}", get(users::show).put(users::change).delete(users::delete))
        .route("/v1/bdbs", get(bdbs::list).post(bdbs::create))
        .route("/v1/bdbs/{uid}", put(bdbs::change).get(bdbs::show).delete(bdbs::delete))
        .route("/v1/bdbs/{uid}/availability", get(local::bdb_availability))
        .route("/v1/shards", get(bdbs::shards))
        .route("/v1/emulator/join", post(join::join))
        .route("/v1/emulator/overview", get(show_overview))
        .route("/v1/emulator/faults", get(faults::list).post(faults::begin).delete(faults::clear))
        .fallback(async || Refused::not_found("not_found", "there is no such path"))
        .method_not_allowed_fallback(async || {
            let sentence = "this path does not have this method";
            Refused::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", sentence)
        })
        .layer(middleware::from_fn_with_state(Arc::clone(app), gate::gate))
        .layer(middleware::map_response(sign))
        .with_state(Arc::clone(app))
}

/// Says in every answer what this is.
pub(crate) async fn sign(mut response: Response) -> Response {
    response.headers_mut().insert(header::SERVER, HeaderValue::from_static(PRODUCT));
    response
}

async fn show_overview(State(app): Node) -> Json<Value> {
    Json(overview(&app))
}

/// A body of JSON, refused as the real one refuses it.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_json = kind.is_some_and(|kind| kind.starts_with("application/json"));
        if !is_json {
            return Err(Refused::invalid_schema("Content-Type is application/json"));
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|error| Refused::invalid_schema(error.to_string()))?;
        let body = serde_json::from_slice(&bytes);
        body.map(Self).map_err(|error| Refused::invalid_schema(error.to_string()))
    }
}

#[cfg(test)]
#[path = "rest_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "rest_cluster_tests.rs"]
mod cluster_tests;
