//! One look at a repository: which questions it takes, and what the answers tell. Pure: whoever looks asks.

mod branches;
mod checks;
mod issues;
mod pulls;

use std::collections::{BTreeSet, VecDeque};

use bus::commit::Oid;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use self::branches::Tip;
use super::{MOST_PAGES, Memory, Page, memory::Newest};
use crate::github::json::Json;

/// As many entries as GitHub puts on a page.
const PER_PAGE: &str = "per_page=100";

/// A look on its way.
#[derive(Debug)]
pub struct Look<'a> {
    name: &'a str,
    now: OffsetDateTime,
    memory: &'a mut Memory,
    part: Part,
    asked: VecDeque<Asked>,
    /// The repository as GitHub shows it.
    repository: String,
    base: String,
    tips: Vec<Tip>,
    /// Whose checks are of interest.
    heads: BTreeSet<Oid>,
    issues: Newest,
    pulls: Newest,
}

/// What was found, as the payload of a delivery.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// GitHub's name for the event.
    pub event: &'static str,
    /// The payload, its action `observed`.
    pub payload: String,
}

/// A look goes through its parts in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Repository,
    Branches,
    Tips,
    Issues,
    OpenPulls,
    ClosedPulls,
    Checks,
    Over,
}

#[derive(Debug)]
struct Asked {
    question: Question,
    path: String,
    pages_left: u32,
}

#[derive(Clone, Debug)]
enum Question {
    Repository,
    /// Branches whose names begin with the base branch's.
    Base,
    OurBranches,
    Tip(Tip),
    Issues,
    OpenPulls,
    Pull(u64),
    /// Of the pull request that is written here.
    Reviews(String),
    ClosedPulls,
    CheckRuns,
    Statuses(Oid),
}

/// Whether the rest of a list is of interest.
#[derive(PartialEq, Eq)]
enum Rest {
    Wanted,
    Known,
}

impl<'a> Look<'a> {
    /// A look at this repository, as `acme/hello.site`, at this moment.
    #[must_use]
    pub fn begin(name: &'a str, memory: &'a mut Memory, now: OffsetDateTime) -> Self {
        let (asked, repository, base, tips, heads) = Default::default();
        let (issues, pulls) = Default::default();
        let part = Part::Repository;
        let mut look = Self { name, now, memory, part, asked, repository, base, tips, heads, issues, pulls };
        look.ask(Question::Repository, format!("/repos/{name}"));
        look
    }

    /// The path that is asked for next; nothing once the look is over.
    pub fn path(&mut self) -> Option<&str> {
        while self.asked.is_empty() && self.part != Part::Over {
            self.go_on();
        }
        self.asked.front().map(|asked| asked.path.as_str())
    }

    /// Takes the answer; what it tells, new or not. A look that breaks off has told what it has told.
    pub fn take(&mut self, page: &Page) -> Vec<Found> {
        let Some(Asked { question, path: _, pages_left }) = self.asked.pop_front() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let rest = self.hear(&question, page.json(), &mut found);
        if let Some(path) = page.next().filter(|_| rest == Rest::Wanted && pages_left > 1) {
            self.asked.push_front(Asked { question, path: path.to_owned(), pages_left: pages_left - 1 });
        }
        found
    }

    fn hear(&mut self, question: &Question, answer: Json<'_>, found: &mut Vec<Found>) -> Rest {
        match question {
            Question::Repository => self.hear_repository(answer),
            Question::Base => self.hear_base(answer),
            Question::OurBranches => self.hear_our_branches(answer),
            Question::Tip(tip) => found.push(self.tip(tip, answer)),
            Question::Issues => found.extend(self.hear_issues(answer)),
            Question::OpenPulls => self.hear_open_pulls(answer),
            Question::Pull(number) => found.push(self.pull(*number, answer)),
            Question::Reviews(pull) => found.extend(self.reviews(pull, answer)),
            Question::ClosedPulls => return self.hear_closed_pulls(answer, found),
            Question::CheckRuns => found.extend(self.check_runs(answer)),
            Question::Statuses(commit) => found.extend(self.statuses(*commit, answer)),
        }
        Rest::Wanted
    }

    /// All of one part is answered: the questions of the next.
    fn go_on(&mut self) {
        self.part = match self.part {
            Part::Repository => {
                self.ask_for_branches();
                Part::Branches
            }
            Part::Branches => {
                self.ask_for_tips();
                Part::Tips
            }
            Part::Tips => {
                self.remember_tips();
                self.ask_for_issues();
                Part::Issues
            }
            Part::Issues => {
                self.ask_list(Question::OpenPulls, "pulls?state=open&sort=created&direction=asc");
                Part::OpenPulls
            }
            Part::OpenPulls => {
                self.ask_list(Question::ClosedPulls, "pulls?state=closed&sort=updated&direction=desc");
                Part::ClosedPulls
            }
            Part::ClosedPulls => {
                self.ask_for_checks();
                Part::Checks
            }
            Part::Checks | Part::Over => {
                self.memory.end(self.issues, self.pulls);
                Part::Over
            }
        };
    }

    fn hear_repository(&mut self, object: Json<'_>) {
        self.base = object.field("default_branch").and_then(Json::name).unwrap_or_default().into_owned();
        object.raw().clone_into(&mut self.repository);
    }

    /// What was found. The fields are the payload's own.
    fn found(&self, event: &'static str, fields: &str) -> Found {
        let payload = format!("{{\"action\":\"observed\",{fields},\"repository\":{}}}", self.repository);
        Found { event, payload }
    }

    fn ask(&mut self, question: Question, path: String) {
        self.asked.push_back(Asked { question, path, pages_left: MOST_PAGES });
    }

    /// Asks for something inside the repository.
    fn ask_at(&mut self, question: Question, rest: &str) {
        self.ask(question, format!("/repos/{}/{rest}", self.name));
    }

    /// Asks for a list inside the repository.
    fn ask_list(&mut self, question: Question, rest: &str) {
        let joint = if rest.contains('?') { '&' } else { '?' };
        self.ask_at(question, &format!("{rest}{joint}{PER_PAGE}"));
    }
}

/// A moment in GitHub's form.
fn written(moment: OffsetDateTime) -> String {
    let moment = moment.replace_nanosecond(0).unwrap_or(moment);
    moment.format(&Rfc3339).unwrap_or_default()
}

fn moment(object: Json<'_>, field: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(&object.field(field)?.name()?, &Rfc3339).ok()
}
