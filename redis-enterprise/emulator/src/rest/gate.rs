//! What a request passes before it is looked at: has the node started, is it in a cluster, who
//! asks, and is this the node to answer.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::time::sleep;

use crate::{
    app::App,
    cluster::{Management, Permission},
    crypto::same,
    faults::Fault,
    refused::Refused,
    view::CCS,
};

/// Bodies are small.
const BODY_LIMIT: usize = 1 << 20;
/// Marks what another node sent on, so that nothing goes in circles.
static FORWARDED: HeaderName = HeaderName::from_static("x-emulator-forwarded");

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    managements: Vec<Management>,
    /// None for `rladmin` and other nodes.
    pub(crate) user: Option<u32>,
}

impl Caller {
    /// Refuses unless one of the caller's roles has the permission.
    pub(crate) fn needs(&self, permission: Permission) -> Result<(), Refused> {
        let allowed = self.managements.iter().any(|management| management.may(permission));
        if allowed { Ok(()) } else { Err(Refused::forbidden()) }
    }
}

pub(super) async fn gate(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refused> {
    // Whatever state the node is in: a fault must be one that can be cleared.
    if request.uri().path() == "/v1/emulator/faults" {
        let caller = caller(&app, request.headers()).ok_or_else(Refused::unauthorized)?;
        request.extensions_mut().insert(caller);
        return Ok(next.run(request).await);
    }
    if let Some(delay) = app.faults.rest_delay() {
        sleep(delay).await;
    }
    if app.faults.has(Fault::Rest503) {
        let sentence = "cluster is not responding";
        return Err(Refused::unavailable("cluster_not_responding", sentence));
    }
    if !app.is_started() {
        return Err(Refused::unavailable("starting", "the node is starting"));
    }
    let path = request.uri().path();
    let is_bootstrap = path.starts_with("/v1/bootstrap");
    if app.identity().is_none() {
        if is_bootstrap {
            return Ok(next.run(request).await);
        }
        let why = app.broken.get().map_or("the node is not in a cluster", String::as_str);
        return Err(Refused::unavailable("not_in_cluster", why));
    }
    if app.store.cluster().version == 0 {
        let sentence = "the configuration of the cluster is not there yet";
        return Err(Refused::unavailable("no_quorum", sentence));
    }
    let caller = caller(&app, request.headers()).ok_or_else(Refused::unauthorized)?;
    let own = ["/v1/local/", "/v1/emulator/overview"];
    let is_local = is_bootstrap || own.iter().any(|own| path.starts_with(own));
    if !is_local && app.faults.has(Fault::NoQuorum) {
        return Err(Refused::no_quorum());
    }
    if !is_local && !app.is_primary() {
        return elsewhere(&app, &caller, request).await;
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

fn caller(app: &App, headers: &HeaderMap) -> Option<Caller> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, value) = given.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        let me = app.identity();
        let known = same(value, &app.token) || me.is_some_and(|me| same(value, &me.secret));
        return known.then(|| Caller { managements: vec![Management::Admin], user: None });
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    let (email, password) = text.split_once(':')?;
    let cluster = app.store.cluster();
    let user = cluster.log_in(email, password)?;
    Some(Caller { managements: cluster.managements(user), user: Some(user) })
}

/// What a node answers that is not the primary: where that is, or what that says.
async fn elsewhere(app: &App, caller: &Caller, request: Request) -> Result<Response, Refused> {
    let no_primary = || Refused::unavailable("no_quorum", "the cluster has no primary now");
    let primary = app.view().primary(CCS).ok_or_else(no_primary)?;
    if request.headers().contains_key(&FORWARDED) {
        return Err(no_primary());
    }
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let url = format!("https://{}:9443{target}", primary.at.ip());
    let ours = caller.user.is_none();
    if !ours && !app.store.cluster().handle_redirects {
        let location = HeaderValue::from_str(&url).map_err(|_| no_primary())?;
        let response = (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]);
        return Ok(response.into_response());
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await;
    let body = body.map_err(|error| Refused::invalid_schema(error.to_string()))?;
    let mut send = app.http.request(parts.method, url).header(&FORWARDED, "1").body(body);
    if let Some(kind) = parts.headers.get(header::CONTENT_TYPE) {
        send = send.header(header::CONTENT_TYPE, kind);
    }
    if ours {
        send = send.bearer_auth(app.identity().ok_or_else(no_primary)?.secret.as_str());
    } else if let Some(who) = parts.headers.get(header::AUTHORIZATION) {
        send = send.header(header::AUTHORIZATION, who);
    }
    let unreachable = |error: reqwest::Error| {
        tracing::warn!(%error, "the primary does not answer");
        no_primary()
    };
    let answer = send.send().await.map_err(unreachable)?;
    let (status, kind) = (answer.status(), answer.headers().get(header::CONTENT_TYPE).cloned());
    let mut response =
        (status, Body::from(answer.bytes().await.map_err(unreachable)?)).into_response();
    if let Some(kind) = kind {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    Ok(response)
}
