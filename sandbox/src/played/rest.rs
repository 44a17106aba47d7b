//! The REST API over HTTP.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
    routing::any,
};
use http::{StatusCode, Uri};

use super::{API, keeper::Keeper};

/// GitHub takes files of 100 MB, and base64 makes them a third longer.
const MOST: usize = 140 << 20;

pub(crate) fn router(keeper: Keeper) -> Router {
    Router::new().route(API, any(answer)).route(&format!("{API}/{{*rest}}"), any(answer)).with_state(keeper)
}

async fn answer(State(keeper): State<Keeper>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST).await else { return status(StatusCode::PAYLOAD_TOO_LARGE) };
    let Some(uri) = inside(&parts.uri) else { return status(StatusCode::BAD_REQUEST) };
    parts.uri = uri;
    keeper.request(http::Request::from_parts(parts, body)).await.map(Body::from)
}

/// The path without the API's own prefix.
fn inside(uri: &Uri) -> Option<Uri> {
    let path = uri.path_and_query()?.as_str().strip_prefix(API)?;
    if path.starts_with('/') { path.parse().ok() } else { format!("/{path}").parse().ok() }
}

fn status(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}
