//! Reads the event stream, and comes back to where it was when the connection breaks.

use std::{sync::Arc, time::Duration};

use acd_core::event::{Event, EventId};
use acd_process::chain::chain;

use super::{Shared, sse::Parser};
use crate::api::{Api, CallError, backoff};

/// A stream that was silent for so long is dead: the server sends a comment every 15 s.
const SILENCE: Duration = Duration::from_secs(40);

/// Reads until it is dropped.
pub(super) async fn read(api: Arc<Api>, after: Option<EventId>, shared: Arc<Shared>) {
    let mut reader = Reader { api, last: after, broken: false, shared };
    let mut backoff = backoff();
    loop {
        let before = reader.last;
        let error = reader
            .follow()
            .await
            .map_or_else(|error| error.to_string(), |()| "it ended".to_owned());
        if reader.last != before {
            backoff.reset();
        }
        // Once an outage: the attempts to come back fail for as long as it lasts.
        if reader.broken {
            tracing::debug!(error, "the event stream can't be opened");
        } else {
            tracing::warn!(error, "the event stream broke, opening it again");
            reader.broken = true;
        }
        backoff.wait().await;
    }
}

/// The one reader of a feed.
struct Reader {
    api: Arc<Api>,
    /// The last event that was read: where to go on.
    last: Option<EventId>,
    /// The stream is known to be away.
    broken: bool,
    shared: Arc<Shared>,
}

impl Reader {
    /// Reads one connection to its end.
    async fn follow(&mut self) -> Result<(), CallError> {
        let mut stream = self.api.events(self.last).await?;
        if std::mem::take(&mut self.broken) {
            tracing::info!("the event stream is back");
        }
        let mut parser = Parser::default();
        loop {
            let piece = tokio::time::timeout(SILENCE, stream.chunk()).await;
            let piece = piece.map_err(|_| CallError::Broken("silence for too long".to_owned()))?;
            let piece = piece.map_err(|error| CallError::Broken(chain(&error)))?;
            let Some(piece) = piece else { return Ok(()) };
            parser.push(&piece, |data| match serde_json::from_slice::<Event>(data) {
                Ok(event) => {
                    self.last = Some(event.id);
                    self.shared.take(&event);
                }
                Err(error) => {
                    let event = String::from_utf8_lossy(data);
                    tracing::warn!(%error, %event, "not an event");
                }
            });
            self.shared.moved.notify_waiters();
        }
    }
}
