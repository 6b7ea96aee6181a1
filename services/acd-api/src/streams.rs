//! Server-sent events: one tail of a center's log, however many clients watch it.
//!
//! A subscriber joins the live tail *first* and reads the log from its cursor *after*: what is
//! written in between comes twice, never not at all, and the second time is recognised by its id.
//! Whoever falls behind the tail goes back to reading the log, so nobody slows anybody down.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use acd_core::{
    event::{Event, EventId},
    ids::CenterId,
};
use acd_process::chain::chain;
use acd_process::lifecycle::Lifecycle;
use acd_store::Store;
use axum::response::sse;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, broadcast},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

use crate::{
    http::problem::{ApiError, Kind},
    limits::{STREAM_BUFFER, STREAM_PAGE, TAIL_PAUSE, TAIL_WAIT},
};

/// The live tails of this process; clones share them.
#[derive(Clone)]
pub(crate) struct Streams(Arc<Inner>);

struct Inner {
    store: Store,
    lifecycle: Lifecycle,
    closing: CancellationToken,
    seats: Arc<Semaphore>,
    /// Weak, so that a tail that ended, for whatever reason, is seen to have ended.
    tails: Mutex<HashMap<CenterId, broadcast::WeakSender<Frame>>>,
}

/// An event as it goes over the wire, written once for all who get it.
#[derive(Clone)]
struct Frame {
    id: EventId,
    event: sse::Event,
}

impl Frame {
    fn of(event: &Event) -> Self {
        // An event can always be written: its members have text keys.
        let data = serde_json::to_string(event).unwrap_or_default();
        let frame =
            sse::Event::default().id(event.id.to_string()).event(event.payload.name()).data(data);
        Self { id: event.id, event: frame }
    }
}

impl Streams {
    /// At most `seats` subscribers, all of whom leave when `closing` is cancelled.
    pub(crate) fn new(
        store: Store,
        lifecycle: Lifecycle,
        closing: CancellationToken,
        seats: usize,
    ) -> Self {
        let seats = Arc::new(Semaphore::new(seats));
        Self(Arc::new(Inner { store, lifecycle, closing, seats, tails: Mutex::default() }))
    }

    /// The events after `after`, or from now on, for as long as the client stays.
    pub(crate) async fn subscribe(
        &self,
        center: CenterId,
        after: Option<EventId>,
    ) -> Result<Subscription, ApiError> {
        let Ok(seat) = self.0.seats.clone().try_acquire_owned() else {
            let detail = "As many streams as this server takes are open. Try again.";
            return Err(ApiError::new(Kind::TooManyStreams, detail));
        };
        let end = self.0.store.last_event_id(&center).await?;
        let live = self.join(&center, end);
        Ok(Subscription {
            store: self.0.store.clone(),
            closing: self.0.closing.clone(),
            center,
            cursor: after.unwrap_or(end),
            read: VecDeque::new(),
            behind: true,
            live,
            _seat: seat,
        })
    }

    /// Joins the center's tail, or starts it at `end`, which the caller will read the log from or
    /// before.
    fn join(&self, center: &CenterId, end: EventId) -> broadcast::Receiver<Frame> {
        let mut tails = self.0.tails.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tail) = tails.get(center).and_then(broadcast::WeakSender::upgrade) {
            return tail.subscribe();
        }
        let (tail, live) = broadcast::channel(STREAM_BUFFER);
        tails.insert(center.clone(), tail.downgrade());
        let (inner, center) = (self.0.clone(), center.clone());
        self.0.lifecycle.spawn(async move {
            let closing = inner.closing.clone();
            closing.run_until_cancelled(inner.follow(&center, end, &tail)).await;
        });
        live
    }
}

impl Inner {
    /// Sends on what happens in the center, until nobody listens.
    async fn follow(&self, center: &CenterId, end: EventId, tail: &broadcast::Sender<Frame>) {
        let (mut cursor, mut follower) = (end, None);
        while self.is_wanted(center, tail) {
            let events = match &mut follower {
                None => match self.store.follow_events(center, cursor).await {
                    Ok(made) => {
                        follower = Some(made);
                        continue;
                    }
                    Err(error) => Err(error),
                },
                Some(follower) => follower.next(TAIL_WAIT).await,
            };
            match events {
                Ok(events) => {
                    for event in events {
                        cursor = event.id;
                        // An error says that the last listener just left; the loop looks for that.
                        let _ = tail.send(Frame::of(&event));
                    }
                }
                Err(error) => {
                    tracing::debug!(%center, error = chain(&error), "the tail of the events waits for the store");
                    sleep(TAIL_PAUSE).await;
                }
            }
        }
    }

    /// False once the last listener has left; from then on nobody finds this tail.
    fn is_wanted(&self, center: &CenterId, tail: &broadcast::Sender<Frame>) -> bool {
        let mut tails = self.tails.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = tail.receiver_count() > 0;
        if !wanted {
            tails.remove(center);
        }
        wanted
    }
}

/// One client's place in a center's log.
pub(crate) struct Subscription {
    store: Store,
    closing: CancellationToken,
    center: CenterId,
    /// The last event that was sent.
    cursor: EventId,
    /// Read from the log, not sent yet.
    read: VecDeque<Event>,
    /// The log may have more than the tail will bring.
    behind: bool,
    live: broadcast::Receiver<Frame>,
    _seat: OwnedSemaphorePermit,
}

impl Subscription {
    /// The next event; `None` when the server closes or the tail has ended. The client then comes
    /// back with the id of the last event it saw.
    pub(crate) async fn next(&mut self) -> Option<sse::Event> {
        let closing = self.closing.clone();
        let frame = closing.run_until_cancelled(self.advance()).await??;
        self.cursor = frame.id;
        Some(frame.event)
    }

    async fn advance(&mut self) -> Option<Frame> {
        loop {
            if let Some(event) = self.read.pop_front() {
                return Some(Frame::of(&event));
            }
            if self.behind {
                match self.store.events(&self.center, self.cursor, STREAM_PAGE).await {
                    Ok(events) => {
                        self.behind = events.len() == STREAM_PAGE;
                        self.read = events.into();
                    }
                    // The store is away for a moment: the stream stays, with its heartbeat.
                    Err(_) => sleep(TAIL_PAUSE).await,
                }
                continue;
            }
            match self.live.recv().await {
                Ok(frame) if frame.id > self.cursor => return Some(frame),
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => self.behind = true,
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests;
