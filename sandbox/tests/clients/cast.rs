//! Who acts: ada administers `acme/hello.site`, nora may push, and Robin is an App that is installed on acme. Its key opens
//! nothing: no such App is anywhere else.

use std::collections::{BTreeMap, BTreeSet};

use octocrab::{EncodingKey, Octocrab};
use sandbox::world::{Access, AppId, InstallationId, Kind, NewApp, Permission};

use crate::stage::Stage;

pub const OWNER: &str = "acme";
pub const REPOSITORY: &str = "hello.site";

/// Robin's private key.
pub const KEY: &str = include_str!("../world/keys/one.pem");
const PUBLIC_KEY: &str = include_str!("../world/keys/one.pub.pem");

pub struct Cast {
    pub stage: Stage,
    pub robin: AppId,
    pub installation: InstallationId,
}

impl Cast {
    pub async fn new() -> Self {
        let stage = Stage::new().await;
        let may = [
            Permission::Checks,
            Permission::Contents,
            Permission::Issues,
            Permission::Metadata,
            Permission::PullRequests,
            Permission::Statuses,
        ];
        let permissions = BTreeMap::from(may.map(|permission| (permission, Access::Write)));
        let (robin, installation) = stage.played.with(|world| {
            let owner = world.account(OWNER, Kind::Organization);
            let events = BTreeSet::from(["pull_request".to_owned()]);
            let new = NewApp { name: "Robin", owner, permissions, events, hook: None, public_key: PUBLIC_KEY };
            let robin = world.app(new).unwrap();
            (robin, world.install(robin, owner).unwrap())
        });
        Self { stage, robin, installation }
    }

    pub fn ada(&self) -> Octocrab {
        self.person(&self.stage.ada)
    }

    pub fn nora(&self) -> Octocrab {
        self.person(&self.stage.nora)
    }

    pub fn person(&self, token: &str) -> Octocrab {
        let address = self.stage.played.addresses().api.as_str();
        Octocrab::builder().base_uri(address).unwrap().personal_token(token).build().unwrap()
    }

    /// Robin by its own key.
    pub fn app(&self) -> Octocrab {
        let address = self.stage.played.addresses().api.as_str();
        let key = EncodingKey::from_rsa_pem(KEY.as_bytes()).unwrap();
        Octocrab::builder().base_uri(address).unwrap().app(self.robin.0.into(), key).build().unwrap()
    }

    /// Robin where it is installed.
    pub fn robin(&self) -> Octocrab {
        self.app().installation(self.installation.0.into()).unwrap()
    }
}
