use std::{io, net::TcpListener, sync::Arc};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use tokio_util::sync::CancellationToken;

use super::{Health, Status};

/// Where the report is.
pub(crate) const PATH: &str = "/health";

/// Where the numbers are.
const METRICS: &str = "/metrics";

/// What the server needs to know.
pub(crate) struct Settings {
    /// Where it listens.
    pub(crate) listener: TcpListener,
    /// Whom it asks.
    pub(crate) health: Arc<Health>,
}

/// Answers `GET /health` and `GET /metrics` until `cancel`: the first with 503 where a critical part is down, else 200.
///
/// # Errors
/// When the listener fails.
pub(crate) async fn serve(settings: Arc<Settings>, cancel: CancellationToken) -> io::Result<()> {
    let router =
        Router::new().route(PATH, get(report)).route(METRICS, get(metrics)).with_state(Arc::clone(&settings.health));
    let listener = tokio::net::TcpListener::from_std(settings.listener.try_clone()?)?;
    axum::serve(listener, router).with_graceful_shutdown(cancel.cancelled_owned()).await
}

async fn metrics(State(health): State<Arc<Health>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], health.metrics().await)
}

async fn report(State(health): State<Arc<Health>>) -> impl IntoResponse {
    let report = health.look().await;
    let status = match report.status {
        Status::Up | Status::Degraded => StatusCode::OK,
        Status::Down => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(report))
}
