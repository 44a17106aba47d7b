//! The owner of the world: takes inputs one after the other, and does outside what follows from each.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::task::TaskTracker;

use super::{clock, publisher::Publication, worker::Errand};
use crate::{
    faults::{self, Faults},
    git::{self, Mirror, Raw},
    key,
    site::Shown,
    world::{
        Answer, DeliveryId, Deployed, DeploymentId, Effect, Input, KeyPair, Merged, Output, Question, RepositoryId,
        World,
    },
};

/// The owner of the world. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Keeper(Arc<Inner>);

struct Inner {
    held: Mutex<World>,
    mirror: Mirror,
    outbox: UnboundedSender<DeliveryId>,
    errands: UnboundedSender<Errand>,
    publications: UnboundedSender<Publication>,
    faults: Mutex<Faults>,
    /// What the sites show that are served.
    sites: Mutex<BTreeMap<RepositoryId, Shown>>,
    /// Questions that git is answering.
    asking: TaskTracker,
}

/// A request asks git at most this often: a rebase asks once a commit.
const ROUNDS: usize = 512;

impl Keeper {
    pub(crate) fn new(
        world: World,
        faults: Faults,
        mirror: Mirror,
        outbox: UnboundedSender<DeliveryId>,
        errands: UnboundedSender<Errand>,
        publications: UnboundedSender<Publication>,
    ) -> Self {
        let (held, faults, sites) = (Mutex::new(world), Mutex::new(faults), Mutex::default());
        let asking = TaskTracker::new();
        Self(Arc::new(Inner { held, mirror, outbox, errands, publications, faults, sites, asking }))
    }

    /// Answers a request; what the world does not know yet is asked of git first.
    pub(crate) async fn request(&self, request: Request<Bytes>) -> Answer {
        let input = Input::Request(request);
        for _ in 0..ROUNDS {
            let output = match self.step(&input) {
                Ok(output) => output,
                Err(error) => return failed(&error),
            };
            let learned = match output {
                Output { answer: Some(answer), .. } => return answer,
                Output { unknown: Some(question), .. } => self.learn(question).await,
                Output { unpaired: Some(app), .. } => match key_pair().await {
                    Some(keys) => self.step(&Input::Paired(app, keys)).map(|_| ()),
                    None => return trouble("no key pair could be made for the App"),
                },
                _ => break,
            };
            if let Err(error) = learned {
                return failed(&error);
            }
        }
        trouble("the played world did not come to an answer")
    }

    /// Takes an input and does what follows, in order.
    pub(crate) fn step(&self, input: &Input) -> Result<Output, git::Error> {
        self.take(&mut self.held(), input)
    }

    fn take(&self, world: &mut World, input: &Input) -> Result<Output, git::Error> {
        let mut output = world.step(clock::now(), input);
        let effects = std::mem::take(&mut output.effects);
        self.carry_out(world, effects).map(|()| output)
    }

    /// Changes the world from within.
    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.held();
        world.wake(clock::now());
        let changed = change(&mut world);
        let effects = world.take_effects();
        if let Err(error) = self.carry_out(&mut world, effects) {
            tracing::error!(%error, "the mirror on disk does not follow the played world");
        }
        changed
    }

    /// Looks at the world, which does not change by it.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.held())
    }

    /// The trouble that is on demand.
    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on a site of this repository is served: nothing, until something is deployed.
    pub(crate) fn open_site(&self, repository: RepositoryId) {
        self.sites().entry(repository).or_default();
    }

    /// What a site shows that is served.
    pub(crate) fn shown(&self, repository: RepositoryId) -> Option<Shown> {
        self.sites().get(&repository).copied()
    }

    /// A site that is served shows this.
    pub(crate) fn show(&self, repository: RepositoryId, shown: Shown) {
        if let Some(site) = self.sites().get_mut(&repository) {
            *site = shown;
        }
    }

    /// A deployment ends if it is still waited for, and its site is served; what that shows has changed before anybody
    /// hears of it. Returns whether it has ended.
    pub(crate) fn deployed(
        &self,
        repository: RepositoryId,
        deployment: DeploymentId,
        outcome: Deployed,
        show: impl FnOnce(&mut Shown),
    ) -> bool {
        let mut world = self.held();
        let is_waited_for = world.on_their_way(repository).iter().any(|live| live.deployment == deployment);
        match self.sites().get_mut(&repository) {
            Some(shown) if is_waited_for => show(shown),
            _ => return false,
        }
        let ended = self.take(&mut world, &Input::Deployed { repository, deployment, outcome });
        ended
            .inspect_err(|error| tracing::error!(%error, "the mirror on disk does not follow the played world"))
            .is_ok()
    }

    fn sites(&self) -> MutexGuard<'_, BTreeMap<RepositoryId, Shown>> {
        self.0.sites.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the questions that git is answering.
    pub(crate) async fn close(&self) {
        self.0.asking.close();
        self.0.asking.wait().await;
    }

    fn held(&self) -> MutexGuard<'_, World> {
        // A step that panicked has changed the world half-way at worst; to go on shows it sooner than to stand.
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn carry_out(&self, world: &mut World, effects: Vec<Effect>) -> Result<(), git::Error> {
        effects.into_iter().try_for_each(|effect| self.follow(world, effect))
    }

    fn follow(&self, world: &mut World, effect: Effect) -> Result<(), git::Error> {
        let mirror = &self.0.mirror;
        match effect {
            Effect::Create { repository, default_branch } => mirror.create(repository, &default_branch),
            Effect::Fork { repository, of, default_branch } => mirror.fork(repository, of, &default_branch),
            Effect::Move { repository, references } => mirror.follow(repository, world.objects(), &references),
            Effect::Head { repository, default_branch } => mirror.set_head(repository, &default_branch),
            Effect::Remove { repository } => mirror.remove(repository),
            Effect::Ask(question) => {
                self.ask(question);
                Ok(())
            }
            Effect::Run(work) => {
                self.0.errands.send(Errand::Run(work)).ok();
                Ok(())
            }
            Effect::Cancel(job) => {
                self.0.errands.send(Errand::Cancel(job)).ok();
                Ok(())
            }
            Effect::Deploy { repository, commit, deployment, after } => {
                self.publish(world, Publication { repository, commit, deployment, after, trouble: None });
                Ok(())
            }
            Effect::Deliver(delivery) => {
                // Nobody hears it when the deliverer has been stopped.
                self.0.outbox.send(delivery).ok();
                Ok(())
            }
        }
    }

    /// Trouble is drawn here, where one deployment comes after the other. Nobody hears it when the publisher has been
    /// stopped.
    fn publish(&self, world: &mut World, mut publication: Publication) {
        let Publication { repository, deployment, .. } = publication;
        let name = world.state().repositories.get(repository).map(|there| world.state().full_name(there));
        publication.trouble = name.and_then(|name| self.faults().deployment(&name));
        if let Some(faults::Deployment::Overtakes(_)) = publication.trouble {
            world.let_overtake(repository, deployment);
        }
        self.0.publications.send(publication).ok();
    }

    /// Asks git in passing.
    fn ask(&self, question: Question) {
        let keeper = self.clone();
        self.0.asking.spawn(async move {
            if let Err(error) = keeper.learn(question).await {
                tracing::warn!(%error, ?question, "git has not answered");
            }
        });
    }

    async fn learn(&self, question: Question) -> Result<(), git::Error> {
        let (repository, commits) = question.about();
        self.0.mirror.know(repository, self.held().objects(), &commits)?;
        let merged = match self.0.mirror.answer(question).await? {
            git::Merged::Tree { tree, objects } => {
                self.insert(&objects)?;
                Merged::Tree(tree)
            }
            git::Merged::Conflict(paths) => Merged::Conflict(paths),
            git::Merged::Unrelated => Merged::Conflict(Vec::new()),
        };
        self.step(&Input::Learned(question, merged)).map(|_| ())
    }

    /// Gives the world objects that git made.
    pub(crate) fn insert(&self, objects: &[Raw]) -> Result<(), git::Error> {
        let mut world = self.held();
        for Raw { oid, kind, bytes } in objects {
            world.insert(*kind, bytes.clone()).map_err(|source| git::Error::Strange { oid: *oid, source })?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Keeper").finish_non_exhaustive()
    }
}

/// A key pair, drawn where nobody waits for the thread.
async fn key_pair() -> Option<KeyPair> {
    let drawn = tokio::task::spawn_blocking(key::draw).await.ok()?;
    let paired = drawn.and_then(|pair| Ok(KeyPair::new(&pair.private, &pair.public)?));
    paired.inspect_err(|error| tracing::error!(%error, "no key pair could be made for an App")).ok()
}

fn failed(error: &git::Error) -> Answer {
    tracing::error!(%error, "the mirror on disk does not follow the played world");
    trouble("the played world's disk is in trouble")
}

fn trouble(message: &str) -> Answer {
    let body = format!(r#"{{"message":"{message}","documentation_url":"https://docs.github.com/rest"}}"#);
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    answer
}
