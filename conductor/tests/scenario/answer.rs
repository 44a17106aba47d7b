//! What becomes of the orders: GitHub's answers, and the probe's.

use bus::{
    catalogue::outcome::{End, Left, Refusal},
    number::{IssueNumber, PullNumber},
};
use conductor::machine::{Fact, fact::Smoke};

use super::{
    line::parse,
    stage::Stage,
    told::{merged, opens, pushed},
};

pub(crate) fn done() -> End {
    End::Done { left: Left::Nothing }
}

pub(crate) fn github(stage: &mut Stage, words: &[&str]) {
    match words {
        ["opens", pull, "for", issue, "at", head] => {
            opens(stage, parse(pull), issue, head, &[]);
            stage.end("open", End::Done { left: Left::Pull { pull: PullNumber(parse(pull)) } });
        }
        ["answers", "the", "merge"] => stage.end("merge", done()),
        ["takes", "the", "review"] => stage.end("review", done()),
        ["merges", pull, "as", commit] => {
            merged(stage, parse(pull), commit, "conductor-e[bot]", None);
            stage.end("merge", done());
        }
        ["updates", pull, "to", head, rest @ ..] => {
            if let ["with", "another", "patch"] = rest {
                stage.pulls.get_mut(&parse(pull)).unwrap().patch = format!("patch of {head}");
            }
            let commit = stage.names.oid(head);
            let tree = stage.names.oid(&format!("tree of {head}"));
            let played = stage.pulls.get_mut(&parse(pull)).unwrap();
            (played.pull.head, played.behind) = (commit, 0);
            stage.end("update", End::Done { left: Left::Commit { commit, tree } });
            pushed(stage, parse(pull), head, "conductor-e[bot]", &["update"]);
        }
        ["files", number] => {
            let url = Some(format!("https://github.example/acme/site/issues/{number}"));
            stage.end("file", End::Done { left: Left::Issue { issue: IssueNumber(parse(number)), url } });
        }
        ["takes", "the", "answer"] => stage.end("answer", done()),
        ["takes", "the", "comment"] => stage.end("tell", done()),
        ["takes", "the", "gate"] => stage.end("judge", done()),
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

pub(crate) fn smoke(stage: &mut Stage, commit: &str, failures: Vec<String>) {
    let commit = stage.names.oid(commit);
    stage.end("smoke", done());
    stage.tell(Fact::Smoked(stage.place().id, Smoke { commit, checks: 4, failures }));
}

pub(crate) fn nothing_tried(stage: &mut Stage, commit: &str) {
    let commit = stage.names.oid(commit);
    stage.end("smoke", done());
    stage.tell(Fact::Smoked(stage.place().id, Smoke { commit, checks: 0, failures: Vec::new() }));
}
