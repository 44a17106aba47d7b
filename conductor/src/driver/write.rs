//! What the machine says, as records.

use std::borrow::Cow;

use bus::{
    Draft, Envelope, RecordId, Subject, Token, Trust,
    catalogue::{
        Kind,
        cmd::{Deploy, DeployOrder, Github, GithubOrder, Offer, Say, Verb},
        work::{self, Transition},
    },
    number::{ItemKey, RepositoryId},
};
use serde::Serialize;
use time::OffsetDateTime;

use super::input::Input;
use crate::machine::{Order, Output, Rules, State};

/// Who speaks.
pub(super) const SOURCE: &str = "/rig/conductor";

/// Writes what was said to one input.
pub(super) struct Writer<'a> {
    pub(super) state: &'a State,
    pub(super) rules: &'a Rules,
    pub(super) input: &'a Input,
}

/// What every record of one kind has of its own.
struct Head<'a> {
    kind: Kind,
    about: Option<String>,
    actor: Option<&'a str>,
    run: Option<RecordId>,
}

impl Writer<'_> {
    /// The `n`-th output.
    pub(super) fn write(&self, n: u32, output: &Output) -> Result<Draft, serde_json::Error> {
        let id = self.input.record.id.output(n);
        match output {
            Output::Moved(key, kind, transition) => self.moved(id, *key, *kind, transition),
            Output::Ordered(Order::Agent { role, pool, offer }) => self.offer(id, role, pool, offer),
            Output::Ordered(Order::Github { repository, order }) => self.github(id, *repository, order),
            Output::Ordered(Order::Deploy { repository, order }) => self.deploy(id, *repository, order),
            Output::Ordered(Order::Say { room, say, push }) => self.say(id, room, say, push),
        }
    }

    fn moved(
        &self,
        id: RecordId,
        key: ItemKey,
        kind: work::Kind,
        transition: &Transition,
    ) -> Result<Draft, serde_json::Error> {
        let (owner, repo) = tokens(&transition.item.repository);
        let number = Token::of(&key.issue.0.to_string());
        let subject = Subject::Work { owner, repo, number, kind: Token::of(kind.name()) };
        let about = format!("{}{}", transition.item.repository, key.issue);
        let actor = transition.actor.as_deref();
        self.draft(id, subject, Head { kind: Kind::Work(kind), about: Some(about), actor, run: None }, transition)
    }

    fn offer(&self, id: RecordId, role: &str, pool: &str, offer: &Offer) -> Result<Draft, serde_json::Error> {
        let verb = Token::of(Verb::Offer.name());
        let subject = Subject::CmdAgent { role: Token::of(role), pool: Token::of(pool), verb };
        let about = format!("{}{}", offer.item.repository, offer.item.number);
        let head = Head { run: Some(offer.fence.run), ..command(Verb::Offer, Some(about)) };
        self.draft(id, subject, head, offer)
    }

    fn github(
        &self,
        id: RecordId,
        repository_id: RepositoryId,
        order: &GithubOrder,
    ) -> Result<Draft, serde_json::Error> {
        let repository = self.name(repository_id);
        let (owner, repo) = tokens(&repository);
        let subject = Subject::CmdGithub { owner, repo, verb: Token::of(order.verb().name()) };
        let about = format!("{repository}{}", thing(order));
        let data = Github { say: sentence(&repository, order), repository_id, repository, order: order.clone() };
        self.draft(id, subject, command(order.verb(), Some(about)), &data)
    }

    fn deploy(
        &self,
        id: RecordId,
        repository_id: RepositoryId,
        order: &DeployOrder,
    ) -> Result<Draft, serde_json::Error> {
        let repository = self.name(repository_id);
        let (owner, repo) = tokens(&repository);
        let subject = Subject::CmdDeploy { owner, repo, verb: Token::of(order.verb().name()) };
        let url = self.rules.repository(&repository).and_then(|rules| rules.site.clone()).unwrap_or_default();
        let say = match order {
            DeployOrder::Observe { commit, .. } => format!("look for {} at {url}", commit.short()),
            DeployOrder::Smoke { commit } => format!("try {url} at {}", commit.short()),
        };
        let head = command(order.verb(), Some(repository.clone()));
        self.draft(id, subject, head, &Deploy { say, repository_id, repository, url, order: order.clone() })
    }

    fn say(&self, id: RecordId, room: &str, say: &str, push: &[String]) -> Result<Draft, serde_json::Error> {
        let subject = Subject::CmdChat { room: Token::of(room), verb: Token::of(Verb::Say.name()) };
        let data = Say { say: say.to_owned(), push: push.to_vec() };
        self.draft(id, subject, command(Verb::Say, None), &data)
    }

    fn draft<D: Serialize>(
        &self,
        id: RecordId,
        subject: Subject,
        head: Head<'_>,
        data: &D,
    ) -> Result<Draft, serde_json::Error> {
        let mut envelope = Envelope::new(id, head.kind.type_name(), SOURCE, self.at(), data);
        envelope.subject = head.about.map(Cow::Owned);
        envelope.cause = Some(self.input.envelope);
        envelope.actor = head.actor.map(Cow::Borrowed);
        envelope.run = head.run.map(|run| Cow::Owned(run.to_string()));
        envelope.trust = Trust::Operator;
        Draft::new(subject, &envelope)
    }

    /// The machine's own time, so that whoever decides the same writes the same.
    const fn at(&self) -> OffsetDateTime {
        self.state.now
    }

    fn name(&self, repository: RepositoryId) -> String {
        self.state.repositories.get(&repository).map_or_else(|| format!("_/{repository}"), |known| known.name.clone())
    }
}

const fn command<'a>(verb: Verb, about: Option<String>) -> Head<'a> {
    Head { kind: Kind::Command(verb), about, actor: None, run: None }
}

fn tokens(repository: &str) -> (Token, Token) {
    let (owner, repo) = repository.split_once('/').unwrap_or(("", repository));
    (Token::of_github_name(owner), Token::of_github_name(repo))
}

/// The thing in the repository that an order is about; nothing where that has no number.
fn thing(order: &GithubOrder) -> String {
    match order {
        GithubOrder::Open { issue, .. } => issue.to_string(),
        GithubOrder::Review { pull, .. }
        | GithubOrder::Look { pull, .. }
        | GithubOrder::Update { pull, .. }
        | GithubOrder::Merge { pull, .. }
        | GithubOrder::Close { pull, .. } => pull.to_string(),
        GithubOrder::Tell { thread, .. } | GithubOrder::Answer { thread, .. } => format!("#{thread}"),
        GithubOrder::File { .. } | GithubOrder::Judge { .. } => String::new(),
    }
}

fn sentence(repository: &str, order: &GithubOrder) -> String {
    match order {
        GithubOrder::File { title, .. } => format!("file “{title}” in {repository}"),
        GithubOrder::Open { issue, .. } => format!("open a pull request for {repository}{issue}"),
        GithubOrder::Review { pull, head, .. } => format!("review {repository}{pull} at {}", head.short()),
        GithubOrder::Look { pull, .. } => format!("read {repository}{pull} back"),
        GithubOrder::Update { pull, .. } => format!("bring {repository}{pull} up to its base"),
        GithubOrder::Merge { pull, head, .. } => format!("merge {repository}{pull} at {}", head.short()),
        GithubOrder::Close { pull, by } => format!("close {repository}{pull}; {by} stands for it"),
        GithubOrder::Tell { thread, .. } => format!("tell {repository}#{thread} how it stands"),
        GithubOrder::Answer { thread, .. } => format!("answer in {repository}#{thread}"),
        GithubOrder::Judge { head, landed: true, .. } => format!("say how {} landed in {repository}", head.short()),
        GithubOrder::Judge { head, open: true, .. } => format!("say that {} may land in {repository}", head.short()),
        GithubOrder::Judge { head, open: false, .. } => {
            format!("say why {} may not land in {repository} yet", head.short())
        }
    }
}
