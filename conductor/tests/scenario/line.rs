//! The lines of a scenario: what happens, one thing a line, as a person would write it down.

use std::time::Duration;

use bus::{
    ask::{Ask, Order as Wanted, Which},
    catalogue::{
        agent::{Failure, Outcome, Verdict},
        outcome::{End, Left, PullState, Refusal},
    },
    number::{IssueNumber, PullNumber},
};
use conductor::machine::{
    Fact,
    fact::{Asked, Branch, Check, Claim, Conclusion, Issue, Pull, Review, Says, Smoke, Tip},
    rules::{Autonomy, Pool, Skill},
};

use super::stage::{PlayedPull, Stage};

/// Plays one line.
pub(crate) fn play(stage: &mut Stage, line: &str) {
    let words = split(line);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["given", rest @ ..] => given(stage, rest),
        ["issue", number, rest @ ..] => issue(stage, parse(number), rest),
        ["pull", number, rest @ ..] => pull(stage, parse(number), rest),
        ["review", id, "of", pull, "by", who, says @ ..] => review(stage, parse(id), parse(pull), who, says),
        ["check", name, "run", run, "on", head, "is", conclusion, summary @ ..] => {
            check(stage, name, parse(run), head, conclusion, summary);
        }
        ["check", name, "on", head, "is", conclusion, summary @ ..] => check(stage, name, 1, head, conclusion, summary),
        ["main", "moves", "to", commit] => {
            let before = stage.base;
            stage.moves_base(commit, Some(before));
            stage.pulls.values_mut().for_each(|pull| pull.behind += 1);
        }
        ["github", rest @ ..] => github(stage, rest),
        ["site", "shows", commit] => {
            let commit = stage.names.oid(commit);
            stage.tell(Fact::Observed(stage.place().id, commit));
            if stage.open.iter().any(|(_, order)| matches!(order, conductor::machine::Order::Deploy { .. })) {
                stage.end("observe", done());
            }
        }
        ["smoke", "passes", "at", commit] => smoke(stage, commit, Vec::new()),
        ["smoke", "fails", "at", commit, why] => smoke(stage, commit, vec![(*why).to_owned()]),
        [count, unit, "pass"] => stage.wait(span(count, unit)),
        [who, "says", text] => ask(stage, who, text, true),
        [who, "outside", "says", text] => ask(stage, who, text, false),
        ["due", number, "again"] => due(stage, parse(number)),
        [agent, rest @ ..] => claim(stage, agent, rest),
        [] => {}
    }
}

fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (n, part) in line.split('"').enumerate() {
        if n % 2 == 1 {
            words.push(part.replace("\\n", "\n"));
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn parse<T: std::str::FromStr>(text: &str) -> T {
    text.trim_start_matches(['#', '!']).parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

fn span(count: &str, unit: &str) -> Duration {
    let count: u64 = parse(count);
    Duration::from_secs(match unit {
        "s" => count,
        "min" => count * 60,
        "h" => count * 3600,
        _ => panic!("`{unit}` is no unit of time"),
    })
}

fn given(stage: &mut Stage, words: &[&str]) {
    let repository = stage.rules.repositories.values_mut().next().unwrap();
    match words {
        ["autonomy", "watch"] => repository.autonomy = Autonomy::Watch,
        ["autonomy", "propose"] => repository.autonomy = Autonomy::Propose,
        ["autonomy", "land"] => repository.autonomy = Autonomy::Land,
        ["checks", names @ ..] => repository.checks = names.iter().map(|name| (*name).to_owned()).collect(),
        ["no", "site"] => repository.site = None,
        ["words", "are", "shown"] => stage.shows_words = true,
        ["github", "does", "not", "answer", verb] => stage.silent.push((*verb).to_owned()),
        ["a", "window", "of", count] => {
            let window = parse(count);
            stage.rules.pools.iter_mut().for_each(|pool| pool.window = window);
        }
        ["no", "reviewer"] => stage.rules.pools.retain(|Pool { skill, .. }| *skill != Skill::Reviewer),
        _ => panic!("`given {}` is not known", words.join(" ")),
    }
}

fn issue(stage: &mut Stage, number: u64, words: &[&str]) {
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
        ["gets", label] => issue.labels.push((*label).to_owned()),
        ["is", "closed", "by", who] => (issue.open, issue.by) = (false, Some((*who).to_owned())),
        ["is", "opened", "again"] => issue.open = true,
        ["comes", "again"] => {}
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

fn pull(stage: &mut Stage, number: u64, words: &[&str]) {
    match words {
        ["opens", "for", issue, "at", head, rest @ ..] => opens(stage, number, issue, head, rest),
        ["is", "pushed", "to", head, "by", who, rest @ ..] => pushed(stage, number, head, who, rest),
        ["is", count, "behind"] => played(stage, number).behind = parse(count),
        ["conflicts"] => played(stage, number).mergeable = Some(false),
        ["merges", "cleanly"] => played(stage, number).mergeable = Some(true),
        ["is", "a", "draft"] => seen(stage, number, |pull| pull.draft = true),
        ["is", "ready"] => seen(stage, number, |pull| pull.draft = false),
        ["gets", label] => seen(stage, number, |pull| pull.labels.push((*label).to_owned())),
        ["is", "closed"] => seen(stage, number, |pull| pull.state = PullState::Closed),
        ["comes", "again"] => {
            let fact = played(stage, number).pull.clone();
            stage.tell(Fact::Pull(stage.place(), fact));
        }
        ["is", "merged", "as", commit, "by", who] => merged(stage, number, commit, who, None),
        ["is", "merged", "as", commit, "by", who, "with", "another", "tree"] => {
            merged(stage, number, commit, who, Some("another tree"));
        }
        _ => panic!("`pull … {}` is not known", words.join(" ")),
    }
}

fn played(stage: &mut Stage, number: u64) -> &mut PlayedPull {
    stage.pulls.get_mut(&number).unwrap_or_else(|| panic!("!{number} is not there"))
}

fn opens(stage: &mut Stage, number: u64, issue: &str, head: &str, rest: &[&str]) {
    let author = match rest {
        [] | ["by", "dev-e"] => "dev-e[bot]",
        ["by", who, ..] => who,
        _ => panic!("`pull … opens … {}` is not known", rest.join(" ")),
    };
    let ours = author == "dev-e[bot]";
    let closes = if issue == "nothing" { Vec::new() } else { vec![IssueNumber(parse(issue))] };
    let branch = closes.first().filter(|_| ours).map(|issue| format!("rig/{}-change", issue.0));
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
    let played = PlayedPull { pull, authors, behind: 0, mergeable: Some(true), patch, run: None };
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
fn pushed(stage: &mut Stage, number: u64, head: &str, who: &str, rest: &[&str]) {
    let issue = played(stage, number).pull.closes.first().map(|issue| issue.0);
    let run = match rest {
        ["in", "its", "run"] => issue.map(|issue| stage.fence(issue)),
        _ => None,
    };
    let (commit, tree) = (stage.names.oid(head), stage.names.oid(&format!("tree of {head}")));
    let pull = played(stage, number);
    let before = Some(pull.pull.head);
    pull.run = run;
    if !rest.contains(&"update") {
        pull.patch = format!("patch of {head}");
        pull.authors.push(if who == "dev-e" { "dev-e[bot]".to_owned() } else { who.to_owned() });
    } else {
        pull.behind = 0;
    }
    let name = pull.pull.branch.clone().unwrap_or_else(|| "elsewhere".to_owned());
    let branch = Branch { name, head: Some(Tip { commit, before, tree, run }) };
    stage.tell(Fact::Branch(stage.place(), branch));
    seen(stage, number, |pull| pull.head = commit);
}

fn merged(stage: &mut Stage, number: u64, commit: &str, who: &str, other_tree: Option<&str>) {
    let head = played(stage, number).pull.head;
    let head = stage.names.shown(&head.short());
    let name = other_tree.map_or_else(|| format!("tree of {head}"), str::to_owned);
    let (oid, tree) = (stage.names.oid(commit), stage.names.oid(&name));
    let before = Some(stage.base);
    stage.base = oid;
    let tip = Tip { commit: oid, before, tree, run: None };
    let branch = Branch { name: "main".to_owned(), head: Some(tip) };
    stage.merged(number, oid);
    seen(stage, number, |pull| pull.by = Some(who.to_owned()));
    stage.pulls.iter_mut().filter(|(other, _)| **other != number).for_each(|(_, pull)| pull.behind += 1);
    stage.tell(Fact::Branch(stage.place(), branch));
}

fn review(stage: &mut Stage, id: u64, pull: u64, who: &str, says: &[&str]) {
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

fn check(stage: &mut Stage, name: &str, run: u64, head: &str, conclusion: &str, summary: &[&str]) {
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
    let check = Check { name, head, run, conclusion, url: String::new(), summary };
    stage.tell(Fact::Check(stage.place(), check));
}

fn done() -> End {
    End::Done { left: Left::Nothing }
}

fn github(stage: &mut Stage, words: &[&str]) {
    match words {
        ["opens", pull, "for", issue, "at", head] => {
            opens(stage, parse(pull), issue, head, &[]);
            stage.end("open", End::Done { left: Left::Pull { pull: PullNumber(parse(pull)) } });
        }
        ["takes", "the", "review"] => stage.end("review", done()),
        ["merges", pull, "as", commit] => {
            merged(stage, parse(pull), commit, "conductor-e[bot]", None);
            stage.end("merge", done());
        }
        ["updates", pull, "to", head] => {
            let commit = stage.names.oid(head);
            let tree = stage.names.oid(&format!("tree of {head}"));
            stage.end("update", End::Done { left: Left::Commit { commit, tree } });
            pushed(stage, parse(pull), head, "conductor-e[bot]", &["update"]);
        }
        ["fails", "to", verb] => stage.end(verb, End::Failed { answer: "502 Bad Gateway".to_owned() }),
        ["refuses", "to", verb, why] => {
            let (why, answer) = match *why {
                "moved" => (Refusal::HeadMoved, "409 Head branch was modified"),
                "conflict" => (Refusal::Conflict, "405 Merge conflict"),
                "unmergeable" => (Refusal::NotMergeable, "405 Pull Request is not mergeable"),
                "forbidden" => (Refusal::Forbidden, "403 Resource not accessible by integration"),
                "invalid" => (Refusal::Invalid, "422 Validation Failed"),
                _ => panic!("`{why}` is no refusal"),
            };
            stage.end(verb, End::Refused { why, answer: answer.to_owned() });
        }
        _ => panic!("`github {}` is not known", words.join(" ")),
    }
}

fn smoke(stage: &mut Stage, commit: &str, failures: Vec<String>) {
    let commit = stage.names.oid(commit);
    stage.end("smoke", done());
    stage.tell(Fact::Smoked(stage.place().id, Smoke { commit, checks: 4, failures }));
}

fn ask(stage: &mut Stage, who: &str, text: &str, may_order: bool) {
    let ask = asked(text);
    let record = stage.next_record();
    let asked = Asked { record, who: who.to_owned(), may_order, room: "general".to_owned(), here: None, ask };
    stage.tell(Fact::Asked(asked));
}

/// The words of a scenario, which are few: the parser of people's words has its own tests.
fn asked(text: &str) -> Ask {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (number, more) = rest.split_once(' ').unwrap_or((rest, ""));
    let issue = number.trim_start_matches('#').parse().ok().map(IssueNumber);
    let about = |order| Ask::Item(Which { repository: None, issue }, order);
    match word {
        "file" => Ask::File(rest.to_owned()),
        "status" => Ask::Status,
        "queue" => Ask::Queue,
        "inbox" => Ask::Inbox,
        "help" => Ask::Help,
        "why" => about(Wanted::Why),
        "approve" => about(Wanted::Approve),
        "reject" => about(Wanted::Reject(more.to_owned())),
        "hold" => about(Wanted::Hold),
        "release" => about(Wanted::Release),
        "stop" => about(Wanted::Stop),
        "resume" => about(Wanted::Resume),
        "retry" => about(Wanted::Retry),
        "cancel" => about(Wanted::Cancel),
        "land" => about(Wanted::Land(more.trim_start_matches("because ").to_owned())),
        _ => panic!("nobody says `{text}`"),
    }
}

fn due(stage: &mut Stage, number: u64) {
    let item = &stage.state.items[&Stage::key(number)];
    let due = conductor::machine::fact::Due {
        item: Stage::key(number),
        generation: item.course.generation.wrapping_sub(1),
        due_at: stage.now,
    };
    stage.tell(Fact::Due(due));
}

fn claim(stage: &mut Stage, agent: &str, words: &[&str]) {
    let (number, what) = match words {
        ["claims", number] => (number, Says::Claimed),
        ["is", "alive", "on", number] => (number, alive()),
        ["pushed", head, "for", number] => {
            let head = stage.names.oid(head);
            (
                number,
                Says::Finished(Outcome::Pushed {
                    head,
                    title: "A change".to_owned(),
                    body: "What and why.".to_owned(),
                }),
            )
        }
        ["approves", head, "of", number] => (number, judged(stage, head, Verdict::Approved)),
        ["rejects", head, "of", number] => (number, judged(stage, head, Verdict::ChangesRequested)),
        ["comments", "on", head, "of", number] => (number, judged(stage, head, Verdict::Commented)),
        ["breaks", "on", number] => (number, Says::Failed(Failure::Broken { error: "no space left".to_owned() })),
        ["leaves", "nothing", "of", number] => (number, Says::Failed(Failure::Nothing)),
        ["runs", "out", "on", number] => (number, Says::Failed(Failure::Incomplete)),
        ["is", "full", "on", number] => {
            let until = stage.now + Duration::from_secs(1800);
            (number, Says::Failed(Failure::Saturated { until }))
        }
        ["gives", "up", number, why] => (number, Says::GaveUp((*why).to_owned())),
        ["late", "claims", number, "of", generation] => return late(stage, agent, number, generation, Says::Claimed),
        ["late", "pushed", head, "for", number, "of", generation] => {
            let head = stage.names.oid(head);
            let left = Outcome::Pushed { head, title: "A change".to_owned(), body: String::new() };
            return late(stage, agent, number, generation, Says::Finished(left));
        }
        _ => panic!("`{agent} {}` is not known", words.join(" ")),
    };
    let fence = Some(stage.fence(parse(number)));
    stage.tell(Fact::Claim(Claim { agent: agent.to_owned(), fence, what }));
}

fn alive() -> Says {
    Says::Alive { role: "implementer".to_owned(), pool: "linux".to_owned(), resting_until: None }
}

fn judged(stage: &mut Stage, head: &str, verdict: Verdict) -> Says {
    let head = stage.names.oid(head);
    Says::Finished(Outcome::Judged { head, verdict, body: "Read.".to_owned(), remarks: Vec::new() })
}

/// A claim under an older fence.
fn late(stage: &mut Stage, agent: &str, number: &str, generation: &str, what: Says) {
    let key = Stage::key(parse(number));
    let generation = parse(generation);
    let fence = bus::catalogue::agent::Fence { run: conductor::machine::run::run_of(key, generation), generation };
    stage.tell(Fact::Claim(Claim { agent: agent.to_owned(), fence: Some(fence), what }));
}
