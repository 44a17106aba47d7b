//! Closing keywords: a merge into the default branch, or a commit that reaches it, closes the issues it says it closes.

use super::{
    event::Event,
    history::What,
    id::{AccountId, Number, RepositoryId},
    issue::{Reason, Standing},
    permission::Role,
    reference::Moved,
    render,
    repository::{Found, Repository},
    state::State,
};

/// An issue as it is named in text.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Named<'t> {
    /// `owner`, `name`; none for the repository where it is said.
    repository: Option<(&'t str, &'t str)>,
    number: Number,
}

const KEYWORDS: [&str; 9] = ["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"];

impl State {
    pub(crate) fn closings_follow(&mut self, moved: &Moved) {
        let Moved { repository, reference, before: Some(before), after: Some(after), sender } = moved else { return };
        let Some(at) = self.repositories.get(*repository) else { return };
        if reference.strip_prefix("refs/heads/") != Some(at.default_branch.as_str()) {
            return;
        }
        for oid in self.objects.between(*before, *after) {
            let Some(commit) = self.objects.commit(oid).cloned() else { continue };
            self.close_named(*repository, &commit.message, *sender);
        }
    }

    /// Closes what a pull request that was merged into the default branch says it closes.
    pub(crate) fn close_what_it_names(&mut self, repository: RepositoryId, number: Number, by: AccountId) {
        let Some(whole) = self.pull(repository, number) else { return };
        if whole.pull.base.branch == whole.repository.default_branch {
            let text = whole.issue.body.clone().unwrap_or_default();
            self.close_named(repository, &text, by);
        }
    }

    fn close_named(&mut self, here: RepositoryId, text: &str, by: AccountId) {
        for Named { repository, number } in named(text) {
            let there = match repository {
                None => Some(here),
                Some((owner, name)) => self.find(owner, name).map(|(Found::Here(id) | Found::Moved(id))| id),
            };
            let Some(at) = there.and_then(|there| self.repositories.get(there)) else { continue };
            if at.id == here || may_close(at, by) {
                let id = at.id;
                self.close_issue(id, number, by);
            }
        }
    }

    fn close_issue(&mut self, id: RepositoryId, number: Number, by: AccountId) {
        let at = self.now;
        let Some(repository) = self.repositories.get_mut(id) else { return };
        let Some(issue) = repository.issues.issues.get_mut(&number) else { return };
        if !issue.is_open() || issue.is_pull_request {
            return;
        }
        issue.standing = Standing::Closed { at, by, reason: Reason::Completed };
        issue.updated_at = at;
        repository.touch(at);
        self.note((id, number), by, None, What::Closed(Some(Reason::Completed)));
        let event = Event { name: "issues", action: Some("closed"), repository: id, sender: by };
        self.emit(event, |state, payload| {
            let Some(repository) = state.repositories.get(id) else { return };
            if let Some(issue) = repository.issues.get(number) {
                payload.field("issue", &render::issue::Issue::of(state, repository, issue));
            }
        });
    }
}

fn may_close(repository: &Repository, by: AccountId) -> bool {
    repository.role(by) >= Some(Role::Triage)
}

/// The issues that a text says it closes. What stands in a block of code is no word of the author's.
fn named(text: &str) -> Vec<Named<'_>> {
    let mut in_code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            let words: Vec<&str> = line.split_whitespace().collect();
            found.extend(words.windows(2).filter_map(|pair| match pair {
                [keyword, issue] if is_keyword(keyword) => issue_named(issue),
                _ => None,
            }));
        }
    }
    found
}

fn is_keyword(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '*', '_', '-', '"']).trim_end_matches([':', '*', '_']);
    KEYWORDS.iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

/// `#7`, `GH-7`, `owner/name#7`, or the address of its page.
fn issue_named(word: &str) -> Option<Named<'_>> {
    let word = word.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    if let Some(number) = word.strip_prefix("GH-").or_else(|| word.strip_prefix("gh-")) {
        return Some(Named { repository: None, number: number.parse().ok()? });
    }
    if let Some((page, number)) = word.split_once("/issues/") {
        let (rest, name) = page.rsplit_once('/')?;
        let (_, owner) = rest.rsplit_once('/')?;
        return Some(Named { repository: Some((owner, name)), number: number.parse().ok()? });
    }
    let (place, number) = word.split_once('#')?;
    let number = number.parse().ok()?;
    let repository = if place.is_empty() { None } else { Some(place.split_once('/')?) };
    Some(Named { repository, number })
}
