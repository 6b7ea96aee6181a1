//! Getting into a cluster: making one, or joining one that is there.

pub(crate) mod progress;
mod request;
mod steps;

use std::sync::Arc;

use axum::http::StatusCode;

pub(crate) use request::{BootstrapRequest, JoinAnswer, JoinQuestion};

use self::progress::State;
use crate::{app::App, refused::Refused};

/// Starts what is asked for; it goes on after this returns.
pub(crate) fn start(
    app: &Arc<App>,
    action: &str,
    request: BootstrapRequest,
) -> Result<(), Refused> {
    let request = request.check(action, app.settings.own_address())?;
    if let Some(why) = app.broken.get() {
        return Err(Refused::new(StatusCode::CONFLICT, "path_error", why.clone()));
    }
    app.bootstrap.begin()?;
    let node = Arc::clone(app);
    app.spawn(async move {
        let state =
            if request.join.is_empty() { State::CreatingCluster } else { State::JoiningCluster };
        node.bootstrap.set(state);
        match steps::run(&node, &request).await {
            Ok(()) => {
                tracing::info!("in the cluster");
                node.bootstrap.set(State::Completed);
            }
            Err(failure) => {
                tracing::error!(failure.code, failure.message, "bootstrap failed");
                node.leave();
                node.processes.stop_all().await;
                node.bootstrap.set(State::Error(failure));
            }
        }
    });
    Ok(())
}
