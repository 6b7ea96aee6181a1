//! HTTP/1.1 connections: how many there may be, how long one may be silent, and how they end.

use std::{
    convert::Infallible,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, body::Body, extract::Request, http::Response};
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use crate::limits::{ACCEPT_PAUSE, IDLE_CONNECTION, MAX_CONNECTIONS};

/// Serves `router` on every connection that comes, until `closing`. Resolves once all have ended:
/// those in the midst of a request when it is answered, the others at once.
pub(crate) async fn serve(listener: TcpListener, router: Router, closing: CancellationToken) {
    let seats = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let connections = TaskTracker::new();
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let seat = Arc::clone(&seats).acquire_owned().await;
            (seat, listener.accept().await)
        };
        let (seat, stream) = tokio::select! {
            biased;
            () = closing.cancelled() => break,
            (seat, accepted) = accepted => match accepted {
                Ok((stream, _)) => (seat, stream),
                Err(error) => {
                    tracing::warn!(%error, "can't accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let (router, closing) = (router.clone(), closing.clone());
        connections.spawn(async move {
            connection(stream, router, closing).await;
            drop(seat);
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// One connection, from its first byte to its last.
async fn connection(stream: TcpStream, router: Router, closing: CancellationToken) {
    // An answer is one small write: waiting for more to send with it only delays it.
    let _ = stream.set_nodelay(true);
    let running = Running::default();
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let (router, run) = (router.clone(), running.begin());
        async move { Ok::<_, Infallible>(answer(router, request, run).await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_CONNECTION)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = pin!(serving);
    tokio::select! {
        // What goes wrong here is the client's: it left, sent no HTTP, or nothing for too long.
        _ = &mut serving => return,
        () = closing.cancelled() => {}
    }
    // Closes the connection after the request that runs. One that is only half here never ends.
    serving.as_mut().graceful_shutdown();
    if running.any() {
        let _ = serving.await;
    }
}

/// The answer to one request, which runs until the last byte of its body has been handed over.
async fn answer(router: Router, request: hyper::Request<Incoming>, run: Run) -> Response<Body> {
    let request: Request = request.map(Body::new);
    let Ok(response) = router.oneshot(request).await;
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _ = &run;
            frame
        }))
    })
}

/// How many requests of one connection are running.
#[derive(Clone, Debug, Default)]
struct Running(Arc<AtomicUsize>);

impl Running {
    fn begin(&self) -> Run {
        self.0.fetch_add(1, Ordering::Relaxed);
        Run(self.clone())
    }

    fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

/// One request that runs, until this is dropped.
#[derive(Debug)]
struct Run(Running);

impl Drop for Run {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
