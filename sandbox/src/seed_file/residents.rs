//! Who lives in a world that has begun, and how they are let in.

use std::{collections::BTreeMap, fmt, io};

use http::{Method, StatusCode};
use thiserror::Error;

use super::{Seed, Unbegun};
use crate::{
    played::{self, Played},
    world::{AppId, InstallationId},
};

/// Who lives in a world, with what lets them in.
#[derive(Clone)]
pub struct Residents {
    /// Each person's token.
    pub tokens: BTreeMap<String, String>,
    /// The Apps, in the file's order.
    pub apps: Vec<Installed>,
    /// The addresses of sites, by the names of their repositories.
    pub sites: BTreeMap<String, String>,
}

/// An App of a world.
#[derive(Clone)]
pub struct Installed {
    /// Its number: the `iss` of its JSON Web Tokens.
    pub id: AppId,
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its private key as PEM, where it was drawn here.
    pub private_key: Option<String>,
    /// Where it is installed.
    pub installations: BTreeMap<String, InstallationId>,
}

/// Tokens and keys are shown nowhere.
impl fmt::Debug for Residents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Residents").field("people", &self.tokens.keys()).field("apps", &self.apps).finish()
    }
}

impl fmt::Debug for Installed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Installed").field("id", &self.id).field("slug", &self.slug).finish_non_exhaustive()
    }
}

/// A world that has not become what its file says.
#[derive(Debug, Error)]
pub enum Unsettled {
    /// It did not begin.
    #[error(transparent)]
    Unbegun(#[from] Unbegun),
    /// A rule of trouble could never be meant.
    #[error(transparent)]
    Unfit(#[from] crate::faults::Unfit),
    /// A site has no port.
    #[error("the site of {repository} cannot listen on port {port}; name another in the seed file, or none")]
    Port {
        /// Whose.
        repository: String,
        /// Which.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// A site cannot be served.
    #[error(transparent)]
    Site(#[from] played::Error),
    /// It refused what the file asks for.
    #[error("the played world refuses {method} {path}: {status} {said}")]
    Refused {
        /// How it was asked.
        method: Method,
        /// What for.
        path: String,
        /// The answer's status.
        status: StatusCode,
        /// The answer's body.
        said: String,
    },
}

impl Seed {
    /// Makes a world on a port what the file says. It must be empty.
    ///
    /// # Errors
    ///
    /// If the world refuses something.
    pub async fn settle(&self, played: &Played) -> Result<Residents, Unsettled> {
        let mut begun = played.with(|world| self.begin(world))?;
        for request in begun.requests() {
            let (method, path) = (request.method().clone(), request.uri().path().to_owned());
            let answer = played.request(request).await;
            if !answer.status().is_success() {
                let said = String::from_utf8_lossy(answer.body()).into_owned();
                return Err(Unsettled::Refused { method, path, status: answer.status(), said });
            }
        }
        let sites = begun.sites().iter().map(|(id, name, site)| Ok((name.clone(), site.open(played, *id, name)?)));
        let sites = sites.collect::<Result<_, Unsettled>>()?;
        let residents = Residents { sites, ..played.with(|world| begun.listen(world)) };
        self.faults.iter().try_for_each(|rule| played.faults().add(rule.clone()))?;
        Ok(residents)
    }
}
