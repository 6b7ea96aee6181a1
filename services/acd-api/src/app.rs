//! The API on one screen: what is where, and what is around it.

use std::sync::OnceLock;

use acd_store::Store;
use axum::{Router, extract::FromRef, routing::post};
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::SwaggerUi;

use crate::{
    args::Limits,
    http::{layers, readiness::Readiness},
    openapi::document,
    routes::{
        agents, centers,
        classic::{
            self, agents as classic_agents, contacts as classic_contacts, skills as classic_skills,
        },
        contacts, events, meta, reports, skills,
    },
    streams::Streams,
};

/// What the handlers share: handles, cheap to clone.
#[derive(Clone, FromRef)]
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) streams: Streams,
    pub(crate) readiness: Readiness,
    pub(crate) metrics: PrometheusHandle,
}

/// The resource API, and the classic routes.
fn api() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(centers::list_centers))
        .routes(routes!(centers::get_center, centers::put_center))
        .routes(routes!(contacts::list_contacts, contacts::create_contact))
        .routes(routes!(contacts::get_contact))
        .routes(routes!(contacts::complete_contact))
        .routes(routes!(contacts::cancel_contact))
        .routes(routes!(contacts::abandon_contact))
        .routes(routes!(contacts::requeue_contact))
        .routes(routes!(reports::explain_contact))
        .routes(routes!(agents::list_agents, agents::create_agent))
        .routes(routes!(agents::get_agent, agents::update_agent, agents::delete_agent))
        .routes(routes!(agents::set_agent_state))
        .routes(routes!(agents::add_agent_skill, agents::remove_agent_skill))
        .routes(routes!(skills::list_skills))
        .routes(routes!(skills::delete_skill))
        .routes(routes!(events::list_events))
        .routes(routes!(reports::get_stats))
        .routes(routes!(reports::get_consistency))
        .routes(routes!(classic::classic_set_acd_state))
        .routes(routes!(classic_contacts::classic_create_contact))
        .routes(routes!(
            classic_contacts::classic_get_contact,
            classic_contacts::classic_finish_contact
        ))
        .routes(routes!(
            classic_agents::classic_create_agent,
            classic_agents::classic_update_agent,
            classic_agents::classic_delete_agent
        ))
        .routes(routes!(classic_agents::classic_set_agent_state))
        .routes(routes!(classic_agents::classic_add_agent_skill))
        .routes(routes!(classic_skills::classic_remove_agent_skill))
        .routes(routes!(classic_skills::classic_delete_skill))
}

/// What operators and their machines ask for.
fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::default()
        .routes(routes!(meta::healthz))
        .routes(routes!(meta::readyz))
        .routes(routes!(meta::metrics))
}

/// Everything, with its layers.
pub(crate) fn router(app: App, limits: &Limits) -> Router {
    let (mut api, operations) = (Router::from(api()), Router::from(operations()));
    if limits.bench_route {
        api = api.route("/bench", post(meta::constant));
    }
    let readiness = app.readiness.clone();
    let router = layers::around_api(api, limits)
        .merge(operations)
        .with_state(app)
        .merge(SwaggerUi::new("/docs").url("/openapi.json", openapi()))
        .fallback(layers::no_such_route)
        .method_not_allowed_fallback(layers::method_not_allowed);
    layers::around_all(router, limits, readiness)
}

/// The description of the API (OpenAPI 3.1).
pub fn openapi() -> OpenApi {
    static DOCUMENT: OnceLock<OpenApi> = OnceLock::new();
    DOCUMENT.get_or_init(|| document(api().merge(operations()).into_openapi())).clone()
}
