//! The console on port 8443: a page that names its node and shows the cluster. A session is
//! known only to the node that began it, as with the real console, so a balancer has to send a
//! browser to the same node again.

mod page;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;

use crate::{app::App, cluster::Permission, crypto, rest};

/// How long an idle session lives; the real one's default.
const SESSION: Duration = Duration::from_secs(15 * 60);
const COOKIE: &str = "re_emulator_session";

/// Who is logged in here.
struct Console {
    app: Arc<App>,
    sessions: Mutex<HashMap<String, (String, Instant)>>,
}

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
}

/// The console's pages.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let console = Console { app: Arc::clone(app), sessions: Mutex::default() };
    Router::new()
        .route("/", get(show))
        .route("/login", post(log_in).get(async || Redirect::to("/")))
        .route("/logout", post(log_out))
        .fallback(async || (StatusCode::NOT_FOUND, Html(page::message("There is no such page"))))
        .layer(middleware::map_response(secure))
        .layer(middleware::map_response(rest::sign))
        .with_state(Arc::new(console))
}

async fn secure(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn show(State(console): State<Arc<Console>>, headers: HeaderMap) -> Response {
    let app = &console.app;
    let Some(me) = app.identity().filter(|_| app.is_started()) else {
        let why = app.broken.get().map_or("This node is not in a cluster yet.", String::as_str);
        return (StatusCode::SERVICE_UNAVAILABLE, Html(page::message(why))).into_response();
    };
    match console.user(&headers) {
        Some(user) => Html(page::overview(&rest::overview(app), &user)).into_response(),
        None => Html(page::login(me.uid, &me.address.to_string(), "")).into_response(),
    }
}

async fn log_in(State(console): State<Arc<Console>>, Form(login): Form<Login>) -> Response {
    let Some(me) = console.app.identity() else { return Redirect::to("/").into_response() };
    let cluster = console.app.store.cluster();
    let user = cluster.log_in(&login.username, &login.password);
    let managements = user.map(|user| cluster.managements(user)).unwrap_or_default();
    if !managements.iter().any(|management| management.may(Permission::View)) {
        let why = "The user name or the password is wrong.";
        let page = page::login(me.uid, &me.address.to_string(), why);
        return (StatusCode::UNAUTHORIZED, Html(page)).into_response();
    }
    let session = crypto::random_hex(24);
    {
        let mut sessions = console.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, (_, used)| used.elapsed() < SESSION);
        sessions.insert(session.clone(), (login.username, Instant::now()));
    }
    let cookie = format!("{COOKIE}={session}; Path=/; HttpOnly; Secure; SameSite=Strict");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

async fn log_out(State(console): State<Arc<Console>>, headers: HeaderMap) -> Redirect {
    if let Some(session) = session_of(&headers) {
        console.sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(&session);
    }
    Redirect::to("/")
}

impl Console {
    /// The user of the session that the browser names, if this node knows it.
    fn user(&self, headers: &HeaderMap) -> Option<String> {
        let session = session_of(headers)?;
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let (name, used) = sessions.get_mut(&session)?;
        if used.elapsed() > SESSION {
            return None;
        }
        *used = Instant::now();
        Some(name.clone())
    }
}

fn session_of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';'));
    pairs.find_map(|pair| Some(pair.trim().strip_prefix(COOKIE)?.strip_prefix('=')?.to_owned()))
}
