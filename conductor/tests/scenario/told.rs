//! What GitHub tells: issues, pull requests, reviews, checks.

use std::time::Duration;

use bus::{
    catalogue::{agent::Verdict, outcome::PullState},
    commit::Oid,
    number::{IssueNumber, PullNumber, RepositoryId},
};
use conductor::machine::{
    Fact,
    fact::{Branch, Check, Conclusion, Issue, Place, Pull, Review, Tip},
};

use super::{
    line::parse,
    stage::{PlayedPull, Stage},
};

pub(crate) fn issue(stage: &mut Stage, number: u64, words: &[&str]) {
    let now = stage.now;
    let issue = stage.issues.entry(number).or_insert_with(|| Issue {
        number: IssueNumber(number),
        title: String::new(),
        body: String::new(),
        author: "ada".to_owned(),
        labels: vec!["agent-ready".to_owned()],
        open: true,
        updated_at: now,
        by: None,
    });
    match words {
        ["is", title] => (*title).clone_into(&mut issue.title),
        ["is", title, "with", body] => {
            (*title).clone_into(&mut issue.title);
            (*body).clone_into(&mut issue.body);
        }
        ["says", body] => (*body).clone_into(&mut issue.body),
        ["loses", label] => issue.labels.retain(|known| known != label),
        ["gets", label, "in", "the", "same", "second"] => {
            issue.labels.push((*label).to_owned());
            let fact = issue.clone();
            return stage.tell(Fact::Issue(stage.place(), fact));
        }
        ["gets", label] => issue.labels.push((*label).to_owned()),
        ["is", "closed", "by", who] => (issue.open, issue.by) = (false, Some((*who).to_owned())),
        ["is", "opened", "again"] => issue.open = true,
        ["comes", "again"] => {}
        ["is", "done", "by", "its", "merge"] => (issue.open, issue.by) = (false, Some("conductor-e[bot]".to_owned())),
        ["was", "without", "its", "label", "before"] => {
            let fact = Issue { labels: Vec::new(), updated_at: now - Duration::from_secs(60), ..issue.clone() };
            return stage.tell(Fact::Issue(stage.place(), fact));
        }
        ["was", "open", "before"] => {
            let fact = Issue { open: true, updated_at: now - Duration::from_secs(60), ..issue.clone() };
            return stage.tell(Fact::Issue(stage.place(), fact));
        }
        _ => panic!("`issue … {}` is not known", words.join(" ")),
    }
    if !matches!(words, ["comes", "again"]) {
        issue.updated_at = now;
    }
    let fact = issue.clone();
    stage.now += Duration::from_secs(1);
    stage.tell(Fact::Issue(stage.place(), fact));
}

/// An issue of another repository than the stage's.
pub(crate) fn issue_of(stage: &mut Stage, repository: &str, number: u64, title: &str) {
    let place = Place { id: RepositoryId(2), name: repository.to_owned(), default_branch: "main".to_owned() };
    let fact = Issue {
        number: IssueNumber(number),
        title: title.to_owned(),
        body: String::new(),
        author: "ada".to_owned(),
        labels: vec!["agent-ready".to_owned()],
        open: true,
        updated_at: stage.now,
        by: None,
    };
    stage.tell(Fact::Issue(place, fact));
}

pub(crate) fn pull(stage: &mut Stage, number: u64, words: &[&str]) {
    match words {
        ["opens", "for", issue, "at", head, rest @ ..] => opens(stage, number, issue, head, rest),
        ["is", "pushed", "to", head, "by", who, rest @ ..] => pushed(stage, number, head, who, rest),
        ["is", count, "behind"] => played(stage, number).behind = parse(count),
        ["has", "more", "commits", "than", "are", "read"] => played(stage, number).more_authors = true,
        ["conflicts"] => played(stage, number).mergeable = Some(false),
        ["is", "being", "worked", "out"] => played(stage, number).mergeable = None,
        ["merges", "cleanly"] => played(stage, number).mergeable = Some(true),
        ["is", "a", "draft"] => seen(stage, number, |pull| pull.draft = true),
        ["is", "ready"] => seen(stage, number, |pull| pull.draft = false),
        ["gets", label] => seen(stage, number, |pull| pull.labels.push((*label).to_owned())),
        ["is", "closed"] => seen(stage, number, |pull| pull.state = PullState::Closed),
        ["is", "opened", "again"] => seen(stage, number, |pull| pull.state = PullState::Open),
        ["loses", label] => seen(stage, number, |pull| pull.labels.retain(|known| known != label)),
        ["closes", issue] => seen(stage, number, |pull| pull.closes = vec![IssueNumber(parse(issue))]),
        ["comes", "again"] => {
            let fact = played(stage, number).pull.clone();
            stage.tell(Fact::Pull(stage.place(), fact));
        }
        ["is", "merged", "as", commit, "by", who] => merged(stage, number, commit, who, None),
        ["is", "merged", "as", commit, "by", who, "taking", "back", of] => {
            let of = stage.names.oid(of);
            merged_taking_back(stage, number, commit, who, None, vec![of]);
        }
        ["is", "merged", "as", commit, "by", who, "with", "another", "tree"] => {
            merged(stage, number, commit, who, Some("another tree"));
        }
        _ => panic!("`pull … {}` is not known", words.join(" ")),
    }
}

fn played(stage: &mut Stage, number: u64) -> &mut PlayedPull {
    stage.pulls.get_mut(&number).unwrap_or_else(|| panic!("!{number} is not there"))
}

pub(crate) fn opens(stage: &mut Stage, number: u64, issue: &str, head: &str, rest: &[&str]) {
    let author = match rest {
        [] | ["by", "dev-e"] => "dev-e[bot]",
        ["by", who, ..] => who,
        _ => panic!("`pull … opens … {}` is not known", rest.join(" ")),
    };
    let ours = author == "dev-e[bot]";
    let closes = match issue {
        "nothing" => Vec::new(),
        some => some.split(',').map(|issue| IssueNumber(parse(issue))).collect(),
    };
    let offered = |issue: &IssueNumber| {
        stage.branches.get(&issue.0).cloned().unwrap_or_else(|| format!("rig/{}-change", issue.0))
    };
    let branch = closes.first().filter(|_| ours).map(offered);
    let pull = Pull {
        number: PullNumber(number),
        title: "A change".to_owned(),
        author: author.to_owned(),
        member: !rest.contains(&"outside"),
        branch,
        head: stage.names.oid(head),
        base: "main".to_owned(),
        closes,
        labels: Vec::new(),
        draft: rest.contains(&"draft"),
        state: PullState::Open,
        mergeable: None,
        updated_at: stage.now,
        by: Some(author.to_owned()),
    };
    let authors = vec![author.to_lowercase()];
    let patch = format!("patch of {head}");
    let fact = pull.clone();
    let played = PlayedPull { pull, authors, more_authors: false, behind: 0, mergeable: Some(true), patch, run: None };
    stage.pulls.insert(number, played);
    stage.tell(Fact::Pull(stage.place(), fact));
}

fn seen(stage: &mut Stage, number: u64, change: impl FnOnce(&mut Pull)) {
    stage.now += Duration::from_secs(1);
    let now = stage.now;
    let pull = &mut played(stage, number).pull;
    change(pull);
    pull.updated_at = now;
    let fact = pull.clone();
    stage.tell(Fact::Pull(stage.place(), fact));
}

/// A push: the branch's head, then the pull request's, as GitHub tells them.
pub(crate) fn pushed(stage: &mut Stage, number: u64, head: &str, who: &str, rest: &[&str]) {
    let issue = played(stage, number).pull.closes.first().map(|issue| issue.0);
    let run = match rest {
        ["in", "its", "run"] => issue.map(|issue| stage.last_fence(issue)),
        _ => None,
    };
    let (commit, tree) = (stage.names.oid(head), stage.names.oid(&format!("tree of {head}")));
    let pull = played(stage, number);
    let before = Some(pull.pull.head);
    pull.run = run;
    if !rest.contains(&"update") {
        pull.patch = format!("patch of {head}");
        pull.authors.push(if ["dev-e", "review-e"].contains(&who) { format!("{who}[bot]") } else { who.to_owned() });
    } else {
        pull.behind = 0;
    }
    let name = pull.pull.branch.clone().unwrap_or_else(|| "elsewhere".to_owned());
    let branch = Branch { name, head: Some(Tip { commit, before, tree, run, reverts: Vec::new() }) };
    stage.tell(Fact::Branch(stage.place(), branch));
    seen(stage, number, |pull| pull.head = commit);
}

pub(crate) fn merged(stage: &mut Stage, number: u64, commit: &str, who: &str, other_tree: Option<&str>) {
    merged_taking_back(stage, number, commit, who, other_tree, Vec::new());
}

fn merged_taking_back(
    stage: &mut Stage,
    number: u64,
    commit: &str,
    who: &str,
    other_tree: Option<&str>,
    reverts: Vec<Oid>,
) {
    let head = played(stage, number).pull.head;
    let head = stage.names.shown(&head.short());
    let name = other_tree.map_or_else(|| format!("tree of {head}"), str::to_owned);
    let (oid, tree) = (stage.names.oid(commit), stage.names.oid(&name));
    let before = Some(stage.base);
    stage.base = oid;
    let tip = Tip { commit: oid, before, tree, run: None, reverts };
    let branch = Branch { name: "main".to_owned(), head: Some(tip) };
    stage.merged(number, oid);
    seen(stage, number, |pull| pull.by = Some(who.to_owned()));
    stage.pulls.iter_mut().filter(|(other, _)| **other != number).for_each(|(_, pull)| pull.behind += 1);
    stage.tell(Fact::Branch(stage.place(), branch));
}

pub(crate) fn review(stage: &mut Stage, id: u64, pull: u64, who: &str, says: &[&str]) {
    let (says, head) = match says {
        [says, "at", head] => (*says, stage.names.oid(head)),
        [says] => (*says, played(stage, pull).pull.head),
        _ => panic!("`review … {}` is not known", says.join(" ")),
    };
    let verdict = match says {
        "approves" => Some(Verdict::Approved),
        "rejects" => Some(Verdict::ChangesRequested),
        "comments" => Some(Verdict::Commented),
        "dismissed" => None,
        _ => panic!("a review does not `{says}`"),
    };
    let reviewer = if who == "review-e" || who == "dev-e" { format!("{who}[bot]") } else { who.to_owned() };
    let member = who != "stranger";
    let review = Review { id, pull: PullNumber(pull), reviewer, head, member, verdict };
    stage.tell(Fact::Review(stage.place(), review));
}

pub(crate) fn check(stage: &mut Stage, name: &str, run: u64, head: &str, conclusion: &str, summary: &[&str]) {
    let conclusion = match conclusion {
        "green" => Some(Conclusion::Success),
        "red" => Some(Conclusion::Failure),
        "timed_out" => Some(Conclusion::TimedOut),
        "startup_failure" => Some(Conclusion::StartupFailure),
        "cancelled" => Some(Conclusion::Cancelled),
        "skipped" => Some(Conclusion::Skipped),
        "neutral" => Some(Conclusion::Neutral),
        "action_required" => Some(Conclusion::ActionRequired),
        "running" => None,
        _ => panic!("a check does not end `{conclusion}`"),
    };
    let head = stage.names.oid(head);
    let (name, summary) = (name.to_owned(), summary.join(" "));
    let url = format!("https://ci.example/{run}");
    let check = Check { name, head, run, conclusion, url, summary };
    stage.tell(Fact::Check(stage.place(), check));
}
