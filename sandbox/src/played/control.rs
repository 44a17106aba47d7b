//! Trouble is switched on and off while the world runs: at an address of its own beside the API, for another process on
//! the same machine.

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ORIGIN},
    },
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;

use super::keeper::Keeper;
use crate::{
    faults::{self, Faults, Rule},
    workflow::Fault,
};

/// Where.
const FAULTS: &str = "/_played/faults";

pub(crate) fn router(keeper: Keeper) -> Router {
    let faults = get(list).post(add).put(replace).delete(clear);
    Router::new().route(FAULTS, faults).layer(middleware::from_fn(programs_only)).with_state(keeper)
}

/// A page in a browser on this machine may come from anywhere; it is no business of its.
async fn programs_only(request: Request, next: Next) -> Response {
    let headers = request.headers();
    if headers.contains_key(ORIGIN) || headers.contains_key("sec-fetch-site") {
        return refused(StatusCode::FORBIDDEN, vec!["trouble is switched by programs, not by pages".to_owned()]);
    }
    next.run(request).await
}

async fn list(State(keeper): State<Keeper>) -> Response {
    told(&keeper.faults())
}

async fn add(State(keeper): State<Keeper>, body: Bytes) -> Response {
    changed(&keeper, &body, |faults, rules| faults.extend(rules))
}

async fn replace(State(keeper): State<Keeper>, body: Bytes) -> Response {
    changed(&keeper, &body, Faults::replace)
}

async fn clear(State(keeper): State<Keeper>) -> Response {
    let mut faults = keeper.faults();
    faults.clear();
    told(&faults)
}

/// All rules of a text or none.
fn changed(keeper: &Keeper, body: &[u8], change: impl FnOnce(&mut Faults, Vec<Rule>)) -> Response {
    let Ok(text) = std::str::from_utf8(body) else {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, vec!["this is not UTF-8".to_owned()]);
    };
    match faults::read(text) {
        Ok(rules) => {
            let mut faults = keeper.faults();
            change(&mut faults, rules);
            told(&faults)
        }
        Err(wrong) => {
            let wrong = wrong.iter().map(Fault::to_string).collect();
            refused(StatusCode::UNPROCESSABLE_ENTITY, wrong)
        }
    }
}

fn told(faults: &Faults) -> Response {
    json(StatusCode::OK, &faults.list())
}

#[derive(Serialize)]
struct Refused {
    wrong: Vec<String>,
}

fn refused(status: StatusCode, wrong: Vec<String>) -> Response {
    json(status, &Refused { wrong })
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let text = serde_json::to_string(body).unwrap_or_default();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    (status, headers, text + "\n").into_response()
}
