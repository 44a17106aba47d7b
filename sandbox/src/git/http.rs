//! Git's smart HTTP, as GitHub serves it.

use axum::{
    Router,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use tokio::time::timeout;

use super::{
    Credentials, Gate, Mirror, RepositoryId, Service, advertise, inflow::Inflow, receive, refusal::Refusal, upload,
};

/// Serves `/{owner}/{name}.git` (and without `.git`) for clone, fetch and push. Who may is asked at the gate, each time.
pub fn router(mirror: Mirror, gate: Gate) -> Router {
    Router::new()
        .route("/{owner}/{name}/info/refs", get(info_refs))
        .route("/{owner}/{name}/git-upload-pack", post(upload_pack))
        .route("/{owner}/{name}/git-receive-pack", post(receive_pack))
        .route("/{owner}/{name}/HEAD", get(dumb))
        .route("/{owner}/{name}/objects/{*file}", get(dumb))
        .with_state(Served { mirror, gate })
}

#[derive(Clone)]
struct Served {
    mirror: Mirror,
    gate: Gate,
}

#[derive(Deserialize)]
struct Wanted {
    service: Option<String>,
}

type Address = Path<(String, String)>;

async fn info_refs(
    State(served): State<Served>,
    address: Address,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let service = wanted.service.as_deref().and_then(Service::named).ok_or(Refusal::Dumb)?;
    let answer = async {
        let (repository, _) = served.enter(address, service, &headers).await?;
        match service {
            Service::UploadPack => advertise::upload(&served.mirror, repository, protocol(&headers)).await,
            Service::ReceivePack => advertise::receive(&served.mirror, repository, protocol(&headers)),
        }
    };
    served.in_time(answer).await
}

/// The answer's first bytes come in time; the rest is the stream's own care.
async fn upload_pack(
    State(served): State<Served>,
    address: Address,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let answer = async {
        let (repository, _) = served.enter(address, Service::UploadPack, &headers).await?;
        let body = served.body(Service::UploadPack, &headers, body)?;
        upload::serve(&served.mirror, repository, protocol(&headers), body).await
    };
    served.in_time(answer).await
}

async fn receive_pack(
    State(served): State<Served>,
    address: Address,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let answer = async {
        let (repository, credentials) = served.enter(address, Service::ReceivePack, &headers).await?;
        let body = served.body(Service::ReceivePack, &headers, body)?;
        receive::serve(&served.mirror, &served.gate, repository, credentials, body).await
    };
    served.in_time(answer).await
}

async fn dumb() -> Refusal {
    Refusal::Dumb
}

impl Served {
    async fn enter(
        &self,
        Path((owner, name)): Address,
        service: Service,
        headers: &HeaderMap,
    ) -> Result<(RepositoryId, Option<Credentials>), Refusal> {
        let name = name.strip_suffix(".git").unwrap_or(&name);
        let credentials = match headers.get(header::AUTHORIZATION) {
            Some(value) => Some(Credentials::new(value.to_str().map_err(|_| Refusal::Unknown)?.to_owned())),
            None => None,
        };
        let access = self.gate.entry(&owner, name, service, credentials.clone()).await;
        Ok((Refusal::from_access(access)?, credentials))
    }

    fn body(&self, service: Service, headers: &HeaderMap, body: Body) -> Result<Inflow, Refusal> {
        let wanted = format!("application/x-{}-request", service.name());
        if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes() != wanted.as_bytes()) {
            return Err(Refusal::Foreign);
        }
        Inflow::new(headers, body, self.mirror.settings().body)
    }

    async fn in_time(&self, answer: impl Future<Output = Result<Response, Refusal>>) -> Result<Response, Refusal> {
        timeout(self.mirror.settings().time, answer).await.map_err(|_| Refusal::TooLong)?
    }
}

impl Service {
    /// As git calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UploadPack => "git-upload-pack",
            Self::ReceivePack => "git-receive-pack",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::UploadPack, Self::ReceivePack].into_iter().find(|service| service.name() == name)
    }
}

/// Which protocol the client speaks. It goes to git as an environment variable.
fn protocol(headers: &HeaderMap) -> &str {
    let asked = headers.get("git-protocol").and_then(|value| value.to_str().ok());
    asked.filter(|text| text.len() <= 256).unwrap_or_default()
}
