//! What is looked for, in GitHub's words: `repo:acme/site is:open label:"help wanted" greet`.

use super::{
    issue::Issue,
    repository::{Found, Repository},
    state::State,
};

/// What is looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Query {
    terms: Vec<Term>,
    /// Where the words must be; everywhere if it is not said.
    within: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Term {
    not: bool,
    /// None for a word.
    key: Option<String>,
    value: String,
}

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        let (within, terms) = pieces(text)
            .iter()
            .filter(|piece| !piece.is_empty())
            .map(|piece| Term::parse(piece))
            .partition::<Vec<_>, _>(|term| term.key.as_deref() == Some("in"));
        let places = within.iter().flat_map(|term| term.value.split(','));
        Self { within: places.map(str::to_owned).collect(), terms }
    }

    /// The repositories that are named; none if none is.
    pub(crate) fn repositories<'a>(&self, state: &'a State) -> Option<Vec<&'a Repository>> {
        let wanted = |term: &&Term| !term.not && matches!(term.key.as_deref(), Some("repo" | "org" | "user"));
        let mut terms = self.terms.iter().filter(wanted).peekable();
        terms.peek()?;
        Some(terms.flat_map(|term| term.repositories(state)).collect())
    }

    pub(crate) fn fits(&self, state: &State, at: &Repository, issue: &Issue) -> bool {
        self.terms.iter().all(|term| term.not != self.holds(term, state, at, issue))
    }

    fn holds(&self, term: &Term, state: &State, at: &Repository, issue: &Issue) -> bool {
        let value = term.value.as_str();
        let person = |id| state.login(id).eq_ignore_ascii_case(value);
        match term.key.as_deref() {
            None => self.says(at, issue, value),
            Some("repo") => state.full_name(at).eq_ignore_ascii_case(value),
            Some("org" | "user") => person(at.owner),
            Some("is" | "state" | "type") => is(value, at, issue),
            Some("label") => value.split(',').any(|name| bears(at, issue, name)),
            Some("author") => person(issue.author),
            Some("assignee") => issue.assignees.iter().any(|id| person(*id)),
            Some("milestone") => milestone(at, issue).is_some_and(|title| title.eq_ignore_ascii_case(value)),
            Some("no") => lacks(value, issue),
            Some(_) => false,
        }
    }

    fn says(&self, at: &Repository, issue: &Issue, word: &str) -> bool {
        let word = word.to_lowercase();
        let says = |text: &str| text.to_lowercase().contains(&word);
        let within = |place: &str| self.within.is_empty() || self.within.iter().any(|within| within == place);
        within("title") && says(&issue.title)
            || within("body") && issue.body.as_deref().is_some_and(says)
            || within("comments") && at.issues.conversation(issue.number).any(|comment| says(&comment.body))
    }
}

impl Term {
    fn parse(piece: &str) -> Self {
        let (not, rest) = piece.strip_prefix('-').map_or((false, piece), |rest| (true, rest));
        match rest.split_once(':').filter(|(key, _)| key.bytes().all(|letter| letter.is_ascii_lowercase())) {
            Some((key, value)) => Self { not, key: Some(key.to_owned()), value: value.to_owned() },
            None => Self { not, key: None, value: rest.to_owned() },
        }
    }

    fn repositories<'a>(&self, state: &'a State) -> Vec<&'a Repository> {
        if self.key.as_deref() == Some("repo") {
            let place = self.value.split_once('/').and_then(|(owner, name)| state.find(owner, name));
            let id = place.map(|(Found::Here(id) | Found::Moved(id))| id);
            return id.and_then(|id| state.repositories.get(id)).into_iter().collect();
        }
        let owner = state.accounts.named(&self.value);
        owner.map_or_else(Vec::new, |owner| state.repositories.of(owner.id).collect())
    }
}

/// Cut where there is space, but not within quotation marks, which go.
fn pieces(text: &str) -> Vec<String> {
    let (mut pieces, mut quoted) = (vec![String::new()], false);
    for letter in text.chars() {
        if letter == '"' {
            quoted = !quoted;
        } else if letter.is_whitespace() && !quoted {
            pieces.push(String::new());
        } else if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
    }
    pieces
}

fn is(what: &str, at: &Repository, issue: &Issue) -> bool {
    match what {
        "open" => issue.is_open(),
        "closed" => !issue.is_open(),
        "issue" => !issue.is_pull_request,
        "pr" | "pull-request" => issue.is_pull_request,
        "locked" => issue.locked,
        "unlocked" => !issue.locked,
        "public" => !at.private,
        "private" => at.private,
        "merged" => at.pulls.get(issue.number).is_some_and(|pull| pull.merge.is_some()),
        "draft" => at.pulls.get(issue.number).is_some_and(|pull| pull.draft),
        _ => false,
    }
}

fn bears(at: &Repository, issue: &Issue, name: &str) -> bool {
    at.issues.label(name).is_some_and(|label| issue.labels.contains(&label.id))
}

fn milestone<'a>(at: &'a Repository, issue: &Issue) -> Option<&'a str> {
    at.issues.milestones.get(&issue.milestone?).map(|milestone| milestone.title.as_str())
}

fn lacks(what: &str, issue: &Issue) -> bool {
    match what {
        "label" => issue.labels.is_empty(),
        "assignee" => issue.assignees.is_empty(),
        "milestone" => issue.milestone.is_none(),
        _ => false,
    }
}
