//! The REST API over HTTP, with the trouble that was asked for.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, Uri, header::RETRY_AFTER},
    response::Response,
    routing::any,
};
use bytes::Bytes;
use tokio::time::sleep;

use super::{API, keeper::Keeper};
use crate::faults::Trouble;

/// GitHub takes files of 100 MB, and base64 makes them a third longer.
const MOST: usize = 140 << 20;

pub(crate) fn router(keeper: Keeper) -> Router {
    Router::new().route(API, any(answer)).route(&format!("{API}/{{*rest}}"), any(answer)).with_state(keeper)
}

async fn answer(State(keeper): State<Keeper>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST).await else {
        return told(StatusCode::PAYLOAD_TOO_LARGE, "The request is larger than a file may be.");
    };
    let Some(uri) = inside(&parts.uri) else { return told(StatusCode::BAD_REQUEST, "This is no path.") };
    parts.uri = uri;
    let request = http::Request::from_parts(parts, body);
    let trouble = keeper.faults().request(request.method().as_str(), request.uri().path());
    match trouble {
        None => keeper.request(request).await.map(Body::from),
        Some(trouble) => troubled(&keeper, request, trouble).await,
    }
}

/// The path without the API's own prefix.
fn inside(uri: &Uri) -> Option<Uri> {
    let path = uri.path_and_query()?.as_str().strip_prefix(API)?;
    if path.starts_with('/') { path.parse().ok() } else { format!("/{path}").parse().ok() }
}

async fn troubled(keeper: &Keeper, request: http::Request<Bytes>, trouble: Trouble) -> Response {
    match trouble {
        Trouble::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return told(status, "Server Error");
        }
        Trouble::Limited(seconds) => return limited(seconds),
        Trouble::SilentBefore(millis) => return silent(millis).await,
        Trouble::SilentAfter(millis) => {
            keeper.request(request).await;
            return silent(millis).await;
        }
        Trouble::Slow(millis) => sleep(Duration::from_millis(millis)).await,
        Trouble::TokenDies => keeper.with(|world| world.revoke(request.headers())),
        Trouble::BranchMoves => {
            keeper.with(|world| world.move_head(request.uri().path()));
        }
    }
    keeper.request(request).await.map(Body::from)
}

fn limited(seconds: u64) -> Response {
    let message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    let mut response = told(StatusCode::FORBIDDEN, message);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Says nothing for so long, then breaks the connection off in the middle of an answer.
pub(super) async fn silent(millis: u64) -> Response {
    sleep(Duration::from_millis(millis)).await;
    let broken = futures::stream::once(async { Err::<Bytes, _>("the connection is broken off, as was asked for") });
    Response::new(Body::from_stream(broken))
}

fn told(status: StatusCode, message: &str) -> Response {
    let body = format!(
        r#"{{"message":"{message}","documentation_url":"https://docs.github.com/rest","status":"{}"}}"#,
        status.as_u16()
    );
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}
