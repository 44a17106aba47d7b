//! The pages over HTTP: whatever is neither the API's nor git's.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, Query, Request, State},
    http::{Method, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;

use super::{clock, keeper::Keeper};
use crate::world::JobId;

/// A manifest is a few kilobytes.
const MOST: usize = 1 << 20;

pub(crate) fn router(keeper: Keeper) -> Router {
    Router::new().route("/logs/jobs/{job}", get(log)).fallback(answer).with_state(keeper)
}

/// Where the API's answer about a job's log points to.
#[derive(Deserialize)]
struct Key {
    key: String,
}

async fn log(State(keeper): State<Keeper>, Path(job): Path<JobId>, Query(Key { key }): Query<Key>) -> Response {
    match keeper.look(|world| world.log(job, &key)) {
        Some(log) => ([(CONTENT_TYPE, "text/plain; charset=utf-8")], log).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn answer(State(keeper): State<Keeper>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match parts.method {
        Method::GET | Method::HEAD => {
            let address = parts.uri.path_and_query().map_or("/", |address| address.as_str());
            keeper.look(|world| world.page(address)).map(Body::from)
        }
        Method::POST => match to_bytes(body, MOST).await {
            Ok(body) => {
                let request = http::Request::from_parts(parts, body);
                keeper.with(|world| world.page_form(clock::now(), &request)).map(Body::from)
            }
            Err(_) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        },
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}
