//! Opening a pull request, with all that GitHub looks at before.

use serde::Deserialize;

use crate::world::{
    answer::{self, Answer},
    call::Call,
    id::{AccountId, Number, RepositoryId},
    permission::Role,
    pull::{Base, Head, Opening, Words},
    refusal::{Code, Refusal, Stop},
    render::pull::Full,
    repository::{Found, Repository},
    token::Principal,
};

#[derive(Deserialize)]
struct New {
    title: Option<String>,
    body: Option<String>,
    head: Option<String>,
    head_repo: Option<String>,
    base: Option<String>,
    issue: Option<Number>,
    #[serde(default)]
    draft: bool,
    maintainer_can_modify: Option<bool>,
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let New { title, body, head, head_repo, base, issue, draft, maintainer_can_modify } = call.body()?;
    let repository = call.repository()?;
    let words = words(repository, title, body, issue)?;
    let base = base.ok_or_else(|| missing("base"))?;
    let head = head.ok_or_else(|| missing("head"))?;
    let base = aimed_at(repository, &base).ok_or_else(|| Refusal::invalid("PullRequest", "base", Code::Invalid))?;
    let head = self::head(call, repository, &head, head_repo.as_deref())
        .ok_or_else(|| Refusal::invalid("PullRequest", "head", Code::Invalid))?;
    may_open(call, &head)?;
    worth_it(call, repository, &head, &base)?;
    let opening = Opening {
        repository: repository.id,
        author: call.actor()?,
        app: call.app(),
        // A branch of the repository itself is its own people's anyway.
        maintainer_can_modify: head.repository != repository.id && maintainer_can_modify.unwrap_or(true),
        head,
        base,
        words,
        draft,
    };
    let number = call.state.open_pull(opening).ok_or_else(Refusal::not_found)?;
    let whole = call.repository()?.pull(number).ok_or_else(Refusal::not_found)?;
    Ok(answer::created(&Full::of(call.state, whole)))
}

fn missing(field: &str) -> Refusal {
    Refusal::unprocessable(format!("Invalid request.\n\n\"{field}\" wasn't supplied."))
}

fn words(
    repository: &Repository,
    title: Option<String>,
    body: Option<String>,
    issue: Option<Number>,
) -> Result<Words, Refusal> {
    if let Some(number) = issue {
        let fits = repository.issues.get(number).is_some_and(|issue| issue.is_open() && !issue.is_pull_request);
        return if fits {
            Ok(Words::Issue(number))
        } else {
            Err(Refusal::invalid("PullRequest", "issue", Code::Invalid))
        };
    }
    match title.filter(|title| !title.trim().is_empty()) {
        Some(title) => Ok(Words::New { title, body }),
        None => Err(Refusal::invalid("Issue", "title", Code::MissingField)),
    }
}

/// A branch to merge into.
pub(super) fn aimed_at(repository: &Repository, branch: &str) -> Option<Base> {
    let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch);
    Some(Base { sha: repository.branch(branch)?, branch: branch.to_owned() })
}

/// `branch`, or `owner:branch` for a fork's.
fn head(call: &Call<'_>, here: &Repository, named: &str, head_repo: Option<&str>) -> Option<Head> {
    let (owner, branch) = match named.split_once(':') {
        Some((owner, branch)) => (call.state.accounts.named(owner)?.id, branch),
        None => (here.owner, named),
    };
    let there = in_network(call, here, owner, head_repo)?;
    let there = call.state.repositories.get(there).filter(|there| call.state.sees(&call.who, there))?;
    let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch);
    Some(Head { repository: there.id, owner, branch: branch.to_owned(), sha: there.branch(branch)? })
}

/// The owner's repository among the forks of one.
fn in_network(call: &Call<'_>, here: &Repository, owner: AccountId, name: Option<&str>) -> Option<RepositoryId> {
    if let Some(name) = name {
        let name = name.rsplit('/').next().unwrap_or(name);
        let (Found::Here(id) | Found::Moved(id)) = call.state.repositories.find(owner, name)?;
        return call.state.repositories.get(id).filter(|there| there.network == here.network).map(|there| there.id);
    }
    if owner == here.owner {
        return Some(here.id);
    }
    call.state.repositories.of(owner).find(|there| there.network == here.network).map(|there| there.id)
}

/// A person needs to be able to push to the branch; an App has the permission that the route asks for.
fn may_open(call: &Call<'_>, head: &Head) -> Result<(), Refusal> {
    let Principal::Person(person) = call.who else { return Ok(()) };
    let role = call.state.repository(head.repository)?.role(person);
    if role >= Some(Role::Write) {
        return Ok(());
    }
    Err(Refusal::custom("PullRequest", "", "must be a collaborator"))
}

fn worth_it(call: &Call<'_>, repository: &Repository, head: &Head, base: &Base) -> Result<(), Refusal> {
    let objects = &call.state.objects;
    let owner = call.state.login(head.owner);
    let open = call.state.open_pulls.of_head(head.repository, &head.branch);
    let same = |number: Number| repository.pulls.get(number).is_some_and(|pull| pull.base.branch == base.branch);
    if open.into_iter().any(|(there, number)| there == repository.id && same(number)) {
        let message = format!("A pull request already exists for {owner}:{}.", head.branch);
        return Err(Refusal::custom("PullRequest", "", message));
    }
    if objects.merge_base(base.sha, head.sha).is_none() {
        let message = format!("The {} branch has no history in common with {}", head.branch, base.branch);
        return Err(Refusal::custom("PullRequest", "", message));
    }
    if objects.is_ancestor(head.sha, base.sha) {
        return Err(no_commits(call, repository, head, base));
    }
    Ok(())
}

fn no_commits(call: &Call<'_>, repository: &Repository, head: &Head, base: &Base) -> Refusal {
    let prefix = |owner: AccountId| match head.repository == repository.id {
        true => String::new(),
        false => format!("{}:", call.state.login(owner)),
    };
    let message = format!(
        "No commits between {}{} and {}{}",
        prefix(repository.owner),
        base.branch,
        prefix(head.owner),
        head.branch
    );
    Refusal::custom("PullRequest", "", message)
}
