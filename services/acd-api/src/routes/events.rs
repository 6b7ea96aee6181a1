//! The events of a center, as JSON or as server-sent events.

use acd_core::event::{Event, EventId, InvalidEventId};
use acd_store::Store;
use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response, Sse, sse},
};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::params::InCenter;
use crate::{
    http::{
        extract::{Json, Path, Query},
        input::PageSize,
        problem::{ApiError, Kind},
    },
    limits::{HEARTBEAT, STREAM_RETRY},
    streams::{Streams, Subscription},
};

/// An event id that an event may come after: Redis has none after the greatest that it can write.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct After(EventId);

impl TryFrom<String> for After {
    type Error = InvalidEventId;

    fn try_from(text: String) -> Result<Self, InvalidEventId> {
        if text.split('-').any(|number| number.len() > 19) {
            return Err(InvalidEventId);
        }
        text.parse().map(Self)
    }
}

/// Where in the log.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// Returns the events after this event id. The default as JSON is `0`, the oldest event that is
    /// kept; a stream begins with the next event.
    #[param(value_type = Option<String>, pattern = r"^[0-9]{1,19}(-[0-9]{1,19})?$")]
    after: Option<After>,
    /// The maximum number of events in a JSON response. A stream has no limit.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 100)]
    limit: PageSize,
}

/// The header with which a browser resumes a stream.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the schema of a header that `last_event_id` reads")]
pub(crate) struct LastEventId {
    /// The id of the last event received. It replaces `after`. Browsers send it when they reconnect.
    #[param(rename = "Last-Event-ID", value_type = String, required = false, pattern = r"^([0-9]{1,19}(-[0-9]{1,19})?)?$")]
    id: Option<String>,
}

/// One page of the event log.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventPage {
    /// The events, in order.
    items: Vec<Event>,
    /// The `after` of the next page, also if there are no more events yet.
    next: EventId,
}

/// Returns the events of a center as JSON, or streams them.
///
/// With `Accept: text/event-stream` the response is a stream of server-sent events that does not
/// end. `id` is the id of the event, `event` its type, `data` the event as JSON. A comment every 15
/// seconds keeps the connection open. Otherwise the response is one page of the log as JSON.
#[utoipa::path(
    get, path = "/v1/centers/{center}/events", tag = "events",
    params(InCenter, EventsQuery, LastEventId),
    responses((status = 200, description = "One page of the log, or a stream of events",
        content((EventPage = "application/json"), (String = "text/event-stream"))))
)]
pub(crate) async fn list_events(
    State(store): State<Store>,
    State(streams): State<Streams>,
    Path(InCenter { center }): Path<InCenter>,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let after = last_event_id(&headers)?.or(query.after).map(|after| after.0);
    if wants_stream(&headers) {
        return Ok(stream(streams.subscribe(center, after).await?).into_response());
    }
    let after = after.unwrap_or(EventId::START);
    let items = store.events(&center, after, query.limit.0).await?;
    let next = items.last().map_or(after, |event| event.id);
    Ok(Json(EventPage { items, next }).into_response())
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let essence = range.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case("text/event-stream")
    })
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<After>, ApiError> {
    // An empty one is what a client sends that has seen nothing yet.
    let value = headers.get("last-event-id").filter(|value| !value.is_empty());
    let Some(value) = value else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().to_owned();
    After::try_from(text)
        .map(Some)
        .map_err(|error| ApiError::new(Kind::InvalidValue, format!("Last-Event-ID: {error}.")))
}

fn stream(subscription: Subscription) -> impl IntoResponse {
    let hello = sse::Event::default().retry(STREAM_RETRY).comment("events follow");
    let events = stream::unfold(subscription, |mut subscription| async {
        Some((subscription.next().await?, subscription))
    });
    let all = stream::once(async { hello }).chain(events).map(Ok::<_, std::convert::Infallible>);
    Sse::new(all).keep_alive(sse::KeepAlive::new().interval(HEARTBEAT))
}
