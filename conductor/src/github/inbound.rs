//! A delivery becomes a record: total, and without judgement.
//!
//! What is refused here is only what could not stand inside a record or could not be told apart from another delivery.
//! Everything else becomes one, with its bytes unchanged: an event that is not known, an action nobody has seen, a field
//! of another type. The past is the same whatever this function knew.

mod place;
mod say;
mod trust;

use axum::http::{HeaderMap, StatusCode, header};
use bus::{
    Draft, Envelope, RecordId,
    catalogue::github::{Delivered, Event},
};
use time::OffsetDateTime;

use self::place::Place;
pub(crate) use self::say::shown;
use super::{json::Json, payload::Payload, refused::Refused};

/// The header that names the event.
pub const EVENT: &str = "x-github-event";

/// The header that names the delivery. A redelivery has the same.
pub const DELIVERY: &str = "x-github-delivery";

/// The header that names the hook.
pub const HOOK: &str = "x-github-hook-id";

/// The program that takes deliveries in.
pub(super) const SOURCE: &str = "/rig/ingest";

/// What stands in the record where the payload will: a payload of nothing, and the ends of the data and the envelope.
const HOLE: &[u8] = b"null}}";

/// What the envelope weighs beside the payload, most often.
const ENVELOPE: usize = 1024;

/// The record of a delivery with these headers and this body, published at `now`.
///
/// # Errors
/// 415 for a form, 400 for what names no event or delivery, or is not a JSON object in UTF-8.
pub fn draft(headers: &HeaderMap, body: &[u8], now: OffsetDateTime) -> Result<Draft, Refused> {
    refuse_a_form(headers)?;
    let event = required(headers, EVENT, "X-GitHub-Event", "it names what happened, as `issues` or `ping`")?;
    let delivery =
        required(headers, DELIVERY, "X-GitHub-Delivery", "it is the delivery's GUID, the same when it comes again")?;
    record(&Origin { event, delivery, hook: text(headers, HOOK), source: SOURCE }, body, now)
}

/// Where a payload comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    /// GitHub's name for the event.
    pub(super) event: &'a str,
    /// What the record's id is made of: a delivery's GUID.
    pub(super) delivery: &'a str,
    /// The hook's id.
    pub(super) hook: Option<&'a str>,
    /// The program that speaks.
    pub(super) source: &'static str,
}

/// The record of a payload, published at `now`.
///
/// # Errors
/// 400 for what is not a JSON object in UTF-8.
pub(super) fn record(origin: &Origin<'_>, body: &[u8], now: OffsetDateTime) -> Result<Draft, Refused> {
    let payload = Payload::of(object(body)?);
    let kind = Event::named(origin.event);
    let place = Place::of(&payload);
    let data = Delivered {
        say: say::sentence(kind, origin.event, &payload, &place),
        event: origin.event.to_owned(),
        action: payload.action().map(Into::into),
        delivery: origin.delivery.to_owned(),
        hook: origin.hook.map(str::to_owned),
        repository: place.repository(),
        repository_id: place.repository_id(),
        payload: (),
    };
    let id = RecordId::of_delivery(origin.delivery);
    let mut envelope = Envelope::new(id, kind.type_name(), origin.source, now, data);
    envelope.subject = place.about().map(Into::into);
    envelope.actor = payload.actor();
    envelope.trust = trust::of_words(&payload);
    let body = spliced(&envelope, body).map_err(unwritable)?;
    Ok(Draft { subject: place.subject(kind), id: envelope.id, body: body.into() })
}

/// Raw JSON inside a serialised value loses the white space round it, so the bytes are put in by hand.
fn spliced(envelope: &Envelope<'_, Delivered<()>>, payload: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let mut body = Vec::with_capacity(payload.len() + ENVELOPE);
    serde_json::to_writer(&mut body, envelope)?;
    debug_assert!(body.ends_with(HOLE), "the payload is the last field of the data, and the data of the envelope");
    body.truncate(body.len() - HOLE.len());
    body.extend_from_slice(payload);
    body.extend_from_slice(b"}}");
    Ok(body)
}

fn object(body: &[u8]) -> Result<Json<'_>, Refused> {
    let text = std::str::from_utf8(body)
        .map_err(|error| unreadable(format!("the body is not UTF-8 after byte {}", error.valid_up_to())))?;
    let json = Json::parse(text).map_err(|error| unreadable(format!("the body is not JSON: {error}")))?;
    json.is_object().then_some(json).ok_or_else(|| unreadable("the body is JSON but not an object".to_owned()))
}

fn unreadable(error: String) -> Refused {
    bad(error, "GitHub sends an object in UTF-8; something between changed the body, or it was signed by somebody else")
}

fn unwritable(error: serde_json::Error) -> Refused {
    bad(
        format!("the record could not be written: {error}"),
        "this is a fault of the Rig's, please report it with the delivery",
    )
}

fn bad(error: String, hint: &'static str) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, error, hint)
}

fn refuse_a_form(headers: &HeaderMap) -> Result<(), Refused> {
    let is_form = text(headers, header::CONTENT_TYPE.as_str())
        .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return Ok(());
    }
    Err(Refused::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "the delivery came as a form, which is GitHub's default",
        "in the webhook's settings at GitHub set \"Content type\" to application/json",
    ))
}

fn required<'a>(headers: &'a HeaderMap, header: &str, spelled: &str, what: &str) -> Result<&'a str, Refused> {
    text(headers, header).filter(|value| !value.is_empty()).ok_or_else(|| {
        Refused::new(StatusCode::BAD_REQUEST, format!("the header {spelled} is missing"), what.to_owned())
    })
}

fn text<'a>(headers: &'a HeaderMap, header: &str) -> Option<&'a str> {
    headers.get(header)?.to_str().ok()
}
