//! A look at how we are set up on GitHub: who our Apps are there, what they may do, and what a repository asks for.
//!
//! It tells what it found and judges nothing; nothing is changed by it.

mod known;

use std::collections::{BTreeMap, BTreeSet};

use bus::catalogue::outcome::Refusal;
use octocrab::Octocrab;
use serde::{Deserialize, de::DeserializeOwned};

use super::{client::Client, fault::Fault};
pub use known::{Known, Owner};

/// How many pull requests are looked at for the names of checks.
const PULLS: u8 = 10;

/// Why something was not seen.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unseen {
    /// The credential does not count.
    #[error("GitHub does not take the key: {0}")]
    Credential(String),
    /// It is not there, or not for us.
    #[error("GitHub has no such thing for this App: {0}")]
    Absent(String),
    /// We may not see it.
    #[error("GitHub does not show it to this App: {0}")]
    Forbidden(String),
    /// Nobody answers, or not in a way that was understood.
    #[error("{0}")]
    Unanswered(String),
}

impl From<Fault> for Unseen {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Credential(answer) => Self::Credential(answer),
            Fault::Refused(Refusal::Gone, answer) => Self::Absent(answer),
            Fault::Refused(_, answer) => Self::Forbidden(answer),
            Fault::Later(answer) | Fault::Limited(answer) => Self::Unanswered(answer),
        }
    }
}

impl From<octocrab::Error> for Unseen {
    fn from(error: octocrab::Error) -> Self {
        Fault::from(error).into()
    }
}

/// An App on a repository.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Installed {
    /// What it may do there, and how much of it, in GitHub's words.
    #[serde(default)]
    pub permissions: BTreeMap<String, String>,
    /// Since when it is put to sleep there.
    pub suspended_at: Option<String>,
}

/// What a repository asks for before something lands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Target {
    /// The default branch.
    pub base: String,
    /// Whether a change may land as one commit; nothing where that is not shown.
    pub squashes: Option<bool>,
    /// The checks that GitHub itself waits for.
    pub required: BTreeSet<String>,
    /// The names of checks that were ever seen on the base branch or on the latest pull requests.
    pub checks: BTreeSet<String>,
    /// How many approvals GitHub itself waits for.
    pub approvals: u64,
    /// Whether owners of code have to approve what they own.
    pub wants_owners: bool,
    /// Whether every thread of a review has to be resolved.
    pub wants_resolved: bool,
    /// The rules that hold on the base branch, by GitHub's names.
    pub rules: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Repository {
    default_branch: String,
    allow_squash_merge: Option<bool>,
}

#[derive(Deserialize)]
struct Branch {
    commit: Commit,
    #[serde(default)]
    protection: Protection,
}

#[derive(Deserialize)]
struct Commit {
    sha: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Protection {
    required_status_checks: Contexts,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Contexts {
    contexts: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    required_approving_review_count: u64,
    require_code_owner_review: bool,
    required_review_thread_resolution: bool,
    required_status_checks: Vec<Context>,
    allowed_merge_methods: Option<BTreeSet<String>>,
}

#[derive(Deserialize)]
struct Context {
    context: String,
}

#[derive(Deserialize)]
struct Collaborator {
    permission: String,
}

#[derive(Deserialize)]
struct Pull {
    head: Commit,
}

#[derive(Deserialize)]
struct Runs {
    check_runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    name: String,
}

#[derive(Deserialize)]
struct Hook {
    url: Option<String>,
    content_type: Option<String>,
}

/// Where an App's webhook posts, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Webhook {
    /// Where to.
    pub url: String,
    /// Whether as JSON, and not as a form.
    pub is_json: bool,
}

impl Client {
    /// Who this App is.
    ///
    /// # Errors
    /// When its key does not count, or nobody answers.
    pub async fn known(&self) -> Result<Known, Unseen> {
        Ok(self.app().get("/app", None::<&()>).await?)
    }

    /// How this App is installed on a repository.
    ///
    /// # Errors
    /// [`Unseen::Absent`] where it is not.
    pub async fn installed(&self, repository: &str) -> Result<Installed, Unseen> {
        Ok(self.app().get(format!("/repos/{repository}/installation"), None::<&()>).await?)
    }

    /// Where this App's webhook posts.
    ///
    /// # Errors
    /// [`Unseen::Absent`] where it has none.
    pub async fn webhook(&self) -> Result<Webhook, Unseen> {
        let hook: Hook = self.app().get("/app/hook/config", None::<&()>).await?;
        let url =
            hook.url.filter(|url| !url.is_empty()).ok_or_else(|| Unseen::Absent("it has no address".to_owned()))?;
        Ok(Webhook { url, is_json: hook.content_type.as_deref() == Some("json") })
    }

    /// Whether a repository has this label.
    ///
    /// # Errors
    /// When that is not shown.
    pub async fn has_label(&self, repository: &str, label: &str) -> Result<bool, Unseen> {
        let client = self.on(repository).await?;
        let found: Result<serde::de::IgnoredAny, Unseen> =
            get(&client, format!("/repos/{repository}/labels/{}", escaped(label))).await;
        match found {
            Ok(_) => Ok(true),
            Err(Unseen::Absent(_)) => Ok(false),
            Err(unseen) => Err(unseen),
        }
    }

    /// What a person may do on a repository, in GitHub's words: `admin`, `write`, `read`, `none`.
    ///
    /// # Errors
    /// [`Unseen::Absent`] where GitHub knows nobody of that login.
    pub async fn permission(&self, repository: &str, login: &str) -> Result<String, Unseen> {
        let client = self.on(repository).await?;
        let login = escaped(login).replace('/', "%2F");
        let found: Collaborator = get(&client, format!("/repos/{repository}/collaborators/{login}/permission")).await?;
        Ok(found.permission)
    }

    /// What a repository asks for.
    ///
    /// # Errors
    /// When that is not shown.
    pub async fn target(&self, repository: &str) -> Result<Target, Unseen> {
        let client = self.on(repository).await?;
        let place = format!("/repos/{repository}");
        let found: Repository = get(&client, place.clone()).await?;
        let base = found.default_branch;
        let branch: Branch = get(&client, format!("{place}/branches/{}", escaped(&base))).await?;
        let rules: Vec<Rule> = get(&client, format!("{place}/rules/branches/{}", escaped(&base))).await?;
        let mut target = Target { base, squashes: found.allow_squash_merge, ..Target::default() };
        target.required = branch.protection.required_status_checks.contexts;
        rules.into_iter().for_each(|rule| target.note(rule));
        let pulls: Vec<Pull> = get(&client, format!("{place}/pulls?state=all&per_page={PULLS}")).await?;
        let heads = pulls.into_iter().map(|pull| pull.head.sha).chain([branch.commit.sha]);
        for head in heads.collect::<BTreeSet<_>>() {
            let runs: Runs = get(&client, format!("{place}/commits/{head}/check-runs?per_page=100")).await?;
            target.checks.extend(runs.check_runs.into_iter().map(|run| run.name));
            let statuses: Vec<Context> = get(&client, format!("{place}/commits/{head}/statuses?per_page=100")).await?;
            target.checks.extend(statuses.into_iter().map(|status| status.context));
        }
        Ok(target)
    }
}

impl Target {
    fn note(&mut self, Rule { kind, parameters }: Rule) {
        self.approvals = self.approvals.max(parameters.required_approving_review_count);
        self.wants_owners |= parameters.require_code_owner_review;
        self.wants_resolved |= parameters.required_review_thread_resolution;
        self.required.extend(parameters.required_status_checks.into_iter().map(|check| check.context));
        if parameters.allowed_merge_methods.is_some_and(|methods| !methods.contains("squash")) {
            self.squashes = Some(false);
        }
        self.rules.insert(kind);
    }
}

async fn get<T: DeserializeOwned>(client: &Octocrab, path: String) -> Result<T, Unseen> {
    Ok(client.get(path, None::<&()>).await?)
}

/// A name in an address.
fn escaped(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
