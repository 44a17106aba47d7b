//! A site that is made of a repository's default branch, as GitHub's Pages are: each push is deployed after a while, and
//! the newest deployment that succeeded is the one that is served.

mod build;

use std::time::Duration;

pub(crate) use self::build::{Stage, builds, custom_404, newest, stage};
use super::{
    World,
    agenda::Appointment,
    builtin,
    deployment::{Deployment, Report, Status, Word},
    effect::Effect,
    id::{AccountId, AppId, DeploymentId, DeploymentStatusId, RepositoryId},
    reference::Moved,
    render,
    state::State,
};
use crate::object::Oid;

const ENVIRONMENT: &str = "github-pages";

/// How a site is deployed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pages {
    /// Where it is to be found.
    pub url: String,
    /// How long a deployment takes.
    pub delay: Duration,
    /// Who says that it is done.
    pub settled: Settled,
}

/// Who says that a deployment is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settled {
    /// The clock: it succeeds when its time is over.
    ByTime,
    /// Whoever serves the site, by [`Input::Deployed`](super::Input::Deployed).
    ByReport,
}

/// What became of a deployment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deployed {
    /// It is served.
    Served,
    /// It is not, for this reason.
    Failed(String),
    /// It is not, because what serves it is broken in this way.
    Broken(String),
}

/// A deployment of a site, and what it brings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Live {
    /// The deployment.
    pub deployment: DeploymentId,
    /// Its commit.
    pub commit: Oid,
}

impl Live {
    const fn of(deployment: &Deployment) -> Self {
        Self { deployment: deployment.id, commit: deployment.sha }
    }
}

impl World {
    /// Makes a site of a repository; what stands on its default branch is deployed at once.
    pub fn pages(&mut self, repository: RepositoryId, pages: Pages, by: AccountId) {
        let Some(there) = self.state.repositories.get_mut(repository) else { return };
        there.pages = Some(pages);
        if let Some(commit) = there.branch(&there.default_branch) {
            self.state.deploy_site(repository, commit, by);
        }
    }

    /// What a site serves, going by what was reported.
    #[must_use]
    pub fn live(&self, repository: RepositoryId) -> Option<Live> {
        self.state.live(repository)
    }

    /// The deployments of a site of which nobody has said how they ended, oldest first.
    #[must_use]
    pub fn on_their_way(&self, repository: RepositoryId) -> Vec<Live> {
        self.state.unsettled(repository).map(Live::of).collect()
    }

    /// Lets a deployment go on though a newer one begins: when it has ended, it is what is served.
    pub fn let_overtake(&mut self, repository: RepositoryId, deployment: DeploymentId) {
        let there = self.state.repositories.get_mut(repository);
        if let Some(deployment) = there.and_then(|there| there.deployments.deployments.get_mut(&deployment)) {
            deployment.overtakes = true;
        }
    }

    /// Deploys again what an earlier deployment brought. Nothing if there is none of that number.
    pub fn roll_back(&mut self, repository: RepositoryId, to: DeploymentId, by: AccountId) -> Option<DeploymentId> {
        let all = &self.state.repositories.get(repository)?.deployments;
        let commit = all.deployments.get(&to).filter(|old| old.environment == ENVIRONMENT)?.sha;
        self.state.deploy_site(repository, commit, by)
    }
}

impl State {
    /// What a site serves, going by what was reported.
    pub(crate) fn live(&self, repository: RepositoryId) -> Option<Live> {
        let mut newest_first = self.repositories.get(repository)?.deployments.succeeded().rev();
        newest_first.find(|deployment| deployment.environment == ENVIRONMENT).map(Live::of)
    }

    /// A push to the default branch is deployed.
    pub(crate) fn site_follows(&mut self, moved: &Moved) {
        let Some(there) = self.repositories.get(moved.repository) else { return };
        let is_default = moved.reference.strip_prefix("refs/heads/") == Some(there.default_branch.as_str());
        if let (true, Some(commit)) = (is_default, moved.after) {
            self.deploy_site(moved.repository, commit, moved.sender);
        }
    }

    /// Deploys a commit; what was being deployed is not waited for any more.
    pub(crate) fn deploy_site(&mut self, repository: RepositoryId, commit: Oid, by: AccountId) -> Option<DeploymentId> {
        let pages = self.repositories.get(repository)?.pages.clone()?;
        let app = self.builtin(builtin::PAGES);
        let given_up = self.unsettled(repository).filter(|older| !older.overtakes).map(|older| older.id);
        for older in given_up.collect::<Vec<_>>() {
            self.say(repository, older, Word::Inactive, String::new());
        }
        let deployment = self.site_deployment(repository, commit, by, app)?;
        let id = deployment.id;
        self.add_deployment(repository, deployment);
        self.say(repository, id, Word::Queued, String::new());
        self.effects.push(Effect::Deploy { repository, commit, deployment: id, after: pages.delay });
        if pages.settled == Settled::ByTime {
            self.agenda.add(self.now.after(pages.delay), Appointment::Deploy(repository, id));
        }
        Some(id)
    }

    fn site_deployment(
        &mut self,
        repository: RepositoryId,
        sha: Oid,
        caused_by: AccountId,
        app: AppId,
    ) -> Option<Deployment> {
        #[derive(serde::Serialize)]
        struct Nothing {}
        Some(Deployment {
            id: DeploymentId(self.draw.id()),
            sha,
            reference: self.repositories.get(repository)?.default_branch.clone(),
            task: "deploy".to_owned(),
            payload: render::user::raw(&Nothing {}),
            environment: ENVIRONMENT.to_owned(),
            description: None,
            is_transient: false,
            is_production: false,
            creator: self.bot_of(app).unwrap_or(caused_by),
            caused_by,
            app: Some(app),
            overtakes: false,
            created_at: self.now,
            updated_at: self.now,
        })
    }

    /// The deployments of a site of which nobody has said how they ended, oldest first.
    fn unsettled(&self, repository: RepositoryId) -> impl Iterator<Item = &Deployment> {
        let there = self.repositories.get(repository).into_iter();
        let open = there.flat_map(|there| there.deployments.open());
        open.filter(|deployment| deployment.environment == ENVIRONMENT)
    }

    /// A deployment of a site has ended; one that has ended already does not end again.
    pub(crate) fn site_deployed(&mut self, repository: RepositoryId, id: DeploymentId, outcome: &Deployed) {
        if !self.unsettled(repository).any(|open| open.id == id) {
            return;
        }
        self.say(repository, id, Word::InProgress, String::new());
        match outcome {
            Deployed::Served => {
                self.say(repository, id, Word::Success, String::new());
                self.retire(repository, id);
            }
            Deployed::Failed(reason) => self.say(repository, id, Word::Failure, reason.clone()),
            Deployed::Broken(reason) => self.say(repository, id, Word::Error, reason.clone()),
        }
        self.tell_build(repository, id);
    }

    fn say(&mut self, repository: RepositoryId, deployment: DeploymentId, word: Word, description: String) {
        let app = self.builtin(builtin::PAGES);
        let Some(creator) = self.bot_of(app) else { return };
        let url = self.repositories.get(repository).and_then(|there| there.pages.as_ref()).map(|pages| &pages.url);
        let environment_url = url.filter(|_| word == Word::Success).cloned().unwrap_or_default();
        let status = Status {
            id: DeploymentStatusId(self.draw.id()),
            deployment,
            word,
            report: Report { description, log_url: String::new(), environment_url },
            environment: ENVIRONMENT.to_owned(),
            creator,
            app: Some(app),
            at: self.now,
        };
        self.add_deployment_status(repository, status);
    }
}
