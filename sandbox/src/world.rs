//! The pure world: state in, request in; answer, webhooks and effects out. No I/O, no clock but the one it is given, no
//! randomness but its seed: the same seed, inputs and moments give the same history, byte for byte.

mod abbreviation;
mod account;
mod agenda;
mod answer;
pub(crate) mod app;
mod around;
mod authored;
mod before;
mod builtin;
mod call;
pub(crate) mod check;
pub(crate) mod ci;
mod closing;
mod commit_logs;
mod commitish;
mod deliveries;
mod deployment;
mod draw;
mod effect;
mod entry;
mod event;
mod given;
pub(crate) mod history;
mod holding;
mod hook;
mod id;
mod installing;
pub(crate) mod issue;
mod limits;
mod lock;
mod manifest;
mod meddling;
mod media;
mod merge;
mod milestone;
mod moment;
mod moving;
mod network;
mod owning;
mod page;
mod permission;
mod ping;
mod post;
mod protection;
pub(crate) mod pull;
mod push;
mod pushed;
mod query;
mod question;
mod reference;
mod refusal;
mod relation;
mod render;
pub(crate) mod repository;
pub(crate) mod review;
mod router;
mod routes;
mod rules;
mod ruleset;
mod scripted;
mod seed;
mod simulation;
mod site;
mod standing;
pub(crate) mod state;
pub(crate) mod status;
mod token;
mod writing;

use bytes::Bytes;
use http::Request;

pub(crate) use self::seed::slug;
pub use self::{
    account::Kind,
    answer::Answer,
    effect::{Effect, Work},
    entry::Entry,
    hook::{Form, Outcome, Target},
    id::{
        AccountId, AppId, CheckRunId, CheckSuiteId, CommentId, DeliveryId, DeploymentId, DeploymentStatusId,
        EnvironmentId, EventId, HookId, InstallationId, JobId, LabelId, MilestoneId, Number, RepositoryId,
        ReviewCommentId, ReviewId, RulesetId, StatusId, WorkflowId, WorkflowRunId,
    },
    limits::Limits,
    manifest::{Error as ManifestError, KeyPair, Registered},
    moment::Moment,
    permission::{Access, Permission, Permissions, Role},
    post::Post,
    push::{Command, Push, Pushed},
    question::{Merged, Question},
    scripted::NewCommit,
    seed::{NewApp, NewRepository},
    site::{Deployed, Live, Pages, Settled},
    state::Addresses,
};
use self::{refusal::Stop, state::State};
use crate::{object::Objects, workflow::Conclusion};

/// The world.
#[derive(Clone)]
pub struct World {
    state: State,
}

/// Something that reaches the world.
#[derive(Debug)]
#[non_exhaustive]
pub enum Input {
    /// A request to the REST API, its path without the API's own prefix.
    Request(Request<Bytes>),
    /// Somebody pushes. The objects came before, by [`World::insert`].
    Push(Push),
    /// What git answered.
    Learned(Question, Merged),
    /// What became of a delivery.
    Delivered(DeliveryId, Outcome),
    /// A runner has begun a job.
    JobStarted(JobId),
    /// A runner is done with a job.
    JobEnded {
        /// Which.
        job: JobId,
        /// How.
        conclusion: Conclusion,
        /// What its script wrote.
        log: Bytes,
    },
    /// A deployment of a site has ended.
    Deployed {
        /// Where.
        repository: RepositoryId,
        /// Which.
        deployment: DeploymentId,
        /// How.
        outcome: Deployed,
    },
    /// Time passes: what is due by then happens.
    Tick,
    /// An App's key pair.
    Paired(AppId, KeyPair),
}

/// What comes of an input.
#[derive(Debug, Default)]
pub struct Output {
    /// The answer to a request.
    pub answer: Option<Answer>,
    /// What must be learned before this input can be taken: nothing has changed; tell it and give the input again.
    pub unknown: Option<Question>,
    /// What became of a push.
    pub pushed: Option<Pushed>,
    /// An App that needs a key pair before this input can be taken: likewise.
    pub unpaired: Option<AppId>,
    /// What is to be done outside, in order.
    pub effects: Vec<Effect>,
}

impl World {
    /// A world where nobody lives yet.
    #[must_use]
    pub fn new(seed: u64, addresses: Addresses) -> Self {
        let state = State {
            addresses,
            draw: draw::Draw::new(seed),
            now: Moment::default(),
            accounts: account::Accounts::default(),
            apps: app::Apps::default(),
            app_hooks: std::collections::BTreeMap::new(),
            members: std::collections::BTreeSet::new(),
            tokens: token::Tokens::new(),
            repositories: repository::Repositories::default(),
            deliveries: deliveries::Deliveries::default(),
            usage: limits::Usage::default(),
            relations: relation::Relations::default(),
            objects: Objects::new(),
            holdings: holding::Holdings::new(),
            commit_logs: commit_logs::CommitLogs::default(),
            known: question::Known::new(),
            open_pulls: pull::Open::default(),
            agenda: agenda::Agenda::default(),
            jobs: std::collections::BTreeMap::new(),
            effects: Vec::new(),
        };
        Self { state }
    }

    pub(crate) const fn state(&self) -> &State {
        &self.state
    }

    /// Takes an input at a moment. Time does not go backwards: an earlier moment counts as the last one.
    pub fn step(&mut self, now: Moment, input: &Input) -> Output {
        self.state.now = self.state.now.max(now);
        let mut output = match input {
            Input::Request(request) => self.request(request),
            Input::Push(push) => Output { pushed: Some(self.state.push(push)), ..Output::default() },
            Input::Learned(question, merged) => {
                self.state.learn(*question, merged.clone());
                Output::default()
            }
            Input::Delivered(delivery, outcome) => {
                self.delivered(*delivery, outcome);
                Output::default()
            }
            Input::JobStarted(job) => {
                self.state.job_started(*job);
                Output::default()
            }
            Input::JobEnded { job, conclusion, log } => {
                self.state.job_ended(*job, *conclusion, log);
                Output::default()
            }
            Input::Deployed { repository, deployment, outcome } => {
                self.state.site_deployed(*repository, *deployment, outcome);
                Output::default()
            }
            Input::Tick => {
                self.state.tick();
                Output::default()
            }
            Input::Paired(app, keys) => {
                self.state.apps.pair(*app, keys);
                Output::default()
            }
        };
        output.effects = std::mem::take(&mut self.state.effects);
        output
    }

    fn request(&mut self, request: &Request<Bytes>) -> Output {
        match around::answer(&mut self.state, request) {
            Ok(answer) => Output { answer: Some(answer), ..Output::default() },
            Err(Stop::Elsewhere(answer)) => Output { answer: Some(*answer), ..Output::default() },
            Err(Stop::Refused(refusal)) => Output { answer: Some(refusal.answer()), ..Output::default() },
            Err(Stop::Unknown(question)) => Output { unknown: Some(question), ..Output::default() },
            Err(Stop::Unpaired(app)) => Output { unpaired: Some(app), ..Output::default() },
        }
    }

    /// The routes that are played, as (method, template): templates are those of GitHub's OpenAPI.
    pub fn routes() -> impl Iterator<Item = (&'static str, &'static str)> {
        routes::ALL.iter().copied().flatten().map(|route| (route.method.as_str(), route.template))
    }
}
