//! What GitHub tells, by the rules that the examples do not show.

use bus::{
    ask::{Ask, Order, Which},
    catalogue::{
        agent::Verdict,
        cmd::{Comment, Origin},
        outcome::PullState,
    },
    number::{IssueNumber, ItemKey, RepositoryId},
};
use conductor::machine::{
    Fact,
    fact::{Asked, Branch, Check, Conclusion, Heard, Issue, Pull, Review},
};
use serde_json::{Value, json};

use crate::told;

const HEAD: &str = "4c1e0a9d5b6f7081920a3b4c5d6e7f8091a2b3c4";
const TREE: &str = "9f3ab12d5b6f7081920a3b4c5d6e7f8091a2b3c4";
const ZEROS: &str = "0000000000000000000000000000000000000000";
const RUN: &str = "8f9c1e52-7a4b-5d36-9e0f-1a2b3c4d5e6f";

/// Fields of one object over those of another.
fn with(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        object[name] = value.clone();
    }
    object
}

fn repository() -> Value {
    json!({"id": 7, "full_name": "Acme/Hello.Site", "default_branch": "main"})
}

fn issue(changes: &Value, action: &str) -> Option<Issue> {
    let issue = json!({
        "number": 4, "title": "Greet", "body": null, "user": null, "labels": [{"name": "agent-ready"}, "plain"],
        "state": "open", "updated_at": "2026-11-22T10:00:00Z",
    });
    let sender = json!({"login": "nora"});
    let payload =
        json!({"action": action, "issue": with(issue, changes), "repository": repository(), "sender": sender});
    match told("issues", &payload) {
        Fact::Issue(place, issue) => {
            let place = (place.id, place.name.as_str(), place.default_branch.as_str());
            assert_eq!(place, (RepositoryId(7), "Acme/Hello.Site", "main"));
            Some(issue)
        }
        Fact::Other => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_issue_is_as_its_object_says() {
    let seen = issue(&json!({}), "observed").unwrap();
    assert_eq!((seen.author.as_str(), seen.body.as_str(), seen.open), ("ghost", "", true));
    assert_eq!((seen.labels.join(" "), seen.by.as_deref()), ("agent-ready plain".to_owned(), Some("nora")));
    let closed = issue(&json!({"state": "closed", "closed_by": {"login": "ada"}}), "labeled").unwrap();
    assert_eq!((closed.open, closed.by.as_deref()), (false, Some("ada")));
    let long = "é\"\\".repeat(30_000);
    assert_eq!(issue(&json!({ "body": long }), "edited").unwrap().body, long);
}

#[test]
fn an_issue_that_went_is_closed() {
    assert!(!issue(&json!({}), "deleted").unwrap().open);
    assert!(!issue(&json!({}), "transferred").unwrap().open);
}

#[test]
fn what_has_no_sense_is_nothing() {
    for changes in [
        json!({"number": "4"}),
        json!({"state": "ajar"}),
        json!({"updated_at": "yesterday"}),
        json!({"pull_request": {"url": "x"}}),
    ] {
        assert_eq!(issue(&changes, "opened"), None, "{changes}");
    }
    let issue = json!({"number": 4, "state": "open", "updated_at": "2026-11-22T10:00:00Z"});
    for repository in [json!(null), json!({"id": 7, "full_name": "a/b"}), json!({"id": "7", "full_name": "a/b"})] {
        assert_eq!(told("issues", &json!({ "issue": issue, "repository": repository })), Fact::Other);
    }
}

fn pull(changes: &Value) -> Option<Pull> {
    let pull = json!({
        "number": 57, "title": "Greet", "body": "Closes #4", "user": {"login": "dev-e[bot]"}, "state": "open",
        "author_association": "CONTRIBUTOR", "head": {"sha": HEAD, "ref": "rig/4-greet", "repo": {"id": 7}},
        "base": {"ref": "main"}, "updated_at": "2026-11-22T10:00:00Z",
    });
    match told("pull_request", &json!({"pull_request": with(pull, changes), "repository": repository()})) {
        Fact::Pull(_, pull) => Some(pull),
        Fact::Other => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pull_request_is_as_its_object_says() {
    let seen = pull(&json!({})).unwrap();
    assert_eq!((seen.branch.as_deref(), seen.member, seen.draft), (Some("rig/4-greet"), false, false));
    assert_eq!((seen.closes.as_slice(), seen.mergeable, seen.by), ([IssueNumber(4)].as_slice(), None, None));
    assert_eq!(pull(&json!({"mergeable": false})).unwrap().mergeable, Some(false));
    for association in ["OWNER", "MEMBER", "COLLABORATOR"] {
        assert!(pull(&json!({ "author_association": association })).unwrap().member);
    }
}

#[test]
fn the_branch_of_a_fork_is_not_ours() {
    for repo in [json!({"id": 8}), json!(null)] {
        let head = json!({"sha": HEAD, "ref": "rig/4-greet", "repo": repo});
        assert_eq!(pull(&json!({ "head": head })).unwrap().branch, None);
    }
}

#[test]
fn only_what_is_for_the_default_branch_closes() {
    assert!(pull(&json!({"base": {"ref": "release"}})).unwrap().closes.is_empty());
}

#[test]
fn a_merge_is_told_by_either_field() {
    let state = |changes: Value| pull(&changes).map(|pull| pull.state);
    let merged = Some(PullState::Merged { commit: HEAD.parse().unwrap() });
    assert_eq!(state(json!({"state": "closed", "merged": true, "merge_commit_sha": HEAD})), merged);
    let at = "2026-11-22T10:00:00Z";
    assert_eq!(state(json!({"state": "closed", "merged_at": at, "merge_commit_sha": HEAD})), merged);
    assert_eq!(state(json!({"state": "closed", "merged": true})), None, "which commit is not told");
    assert_eq!(state(json!({"state": "closed", "merge_commit_sha": HEAD})), Some(PullState::Closed));
    assert_eq!(state(json!({"merge_commit_sha": HEAD})), Some(PullState::Open));
}

#[test]
fn a_review_in_either_spelling() {
    let verdict = |state: &str| {
        let review = json!({"id": 9, "user": {"login": "nora"}, "commit_id": HEAD, "author_association": "MEMBER", "state": state});
        let payload = json!({"review": review, "pull_request": {"number": 57}, "repository": repository()});
        match told("pull_request_review", &payload) {
            Fact::Review(_, Review { verdict, member: true, .. }) => Some(verdict),
            _ => None,
        }
    };
    assert_eq!(verdict("approved"), Some(Some(Verdict::Approved)));
    assert_eq!(verdict("CHANGES_REQUESTED"), Some(Some(Verdict::ChangesRequested)));
    assert_eq!(verdict("COMMENTED"), Some(Some(Verdict::Commented)));
    assert_eq!(verdict("dismissed"), Some(None));
    assert_eq!((verdict("PENDING"), verdict("applauded")), (None, None));
}

fn run(conclusion: &Value, output: &Value) -> Check {
    let run = json!({
        "id": 9, "name": "test", "head_sha": HEAD, "conclusion": conclusion, "html_url": null,
        "details_url": "https://ci.example/9", "output": output,
    });
    match told("check_run", &json!({"check_run": run, "repository": repository()})) {
        Fact::Check(_, check) => check,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_check_ends_in_one_of_eight_ways_and_green_only_where_that_is_said() {
    for (name, expected) in [
        ("success", Conclusion::Success),
        ("failure", Conclusion::Failure),
        ("timed_out", Conclusion::TimedOut),
        ("startup_failure", Conclusion::StartupFailure),
        ("cancelled", Conclusion::Cancelled),
        ("stale", Conclusion::Cancelled),
        ("skipped", Conclusion::Skipped),
        ("neutral", Conclusion::Neutral),
        ("action_required", Conclusion::ActionRequired),
        ("splendid", Conclusion::Neutral),
    ] {
        assert_eq!(run(&json!(name), &json!(null)).conclusion, Some(expected), "{name}");
    }
    let running = run(&json!(null), &json!({"title": null, "summary": "\n  \nStep `build`:\tno space\u{1b}[0m\nmore"}));
    assert_eq!((running.conclusion, running.url.as_str()), (None, "https://ci.example/9"));
    assert_eq!(running.summary, "Step `build`: no space[0m");
}

#[test]
fn a_commit_status_is_a_check() {
    let check = |state: &str| {
        let payload = json!({
            "id": 6_805_126_730_u64, "sha": HEAD, "context": "ci/build", "state": state, "target_url": null,
            "description": "Broken", "repository": repository(),
        });
        match told("status", &payload) {
            Fact::Check(_, Check { name, run: 6_805_126_730, conclusion, .. }) if name == "ci/build" => {
                Some(conclusion)
            }
            _ => None,
        }
    };
    assert_eq!(check("success"), Some(Some(Conclusion::Success)));
    assert_eq!((check("failure"), check("error")), (Some(Some(Conclusion::Failure)), Some(Some(Conclusion::Failure))));
    assert_eq!((check("pending"), check("fine")), (Some(None), None));
}

fn push(changes: &Value) -> Option<Branch> {
    let message = format!("Greet\n\nRig-Run: {RUN}.3\n");
    let payload = json!({
        "ref": "refs/heads/rig/4-greet", "before": ZEROS, "after": HEAD, "deleted": false, "repository": repository(),
        "head_commit": {"id": HEAD, "tree_id": TREE, "message": message},
    });
    match told("push", &with(payload, changes)) {
        Fact::Branch(_, branch) => Some(branch),
        _ => None,
    }
}

#[test]
fn a_push_tells_commit_tree_and_run() {
    let tip = push(&json!({})).unwrap().head.unwrap();
    assert_eq!((tip.commit.to_string().as_str(), tip.tree.to_string().as_str(), tip.before), (HEAD, TREE, None));
    let run = tip.run.unwrap();
    assert_eq!((run.run.to_string().as_str(), run.generation), (RUN, 3));
    let later = push(&json!({ "before": TREE })).unwrap().head.unwrap();
    assert_eq!(later.before.unwrap().to_string(), TREE);
    let looked_up = push(&json!({"action": "observed", "before": null, "deleted": null})).unwrap().head.unwrap();
    assert_eq!(looked_up, tip);
}

#[test]
fn a_push_that_tells_no_tree_of_its_commit_is_nothing() {
    assert_eq!(push(&json!({"head_commit": null})), None);
    assert_eq!(push(&json!({ "after": TREE })), None);
    assert_eq!(push(&json!({"ref": "refs/tags/v1"})), None);
}

#[test]
fn a_branch_that_went_has_no_head() {
    let gone = Some(Branch { name: "rig/4-greet".to_owned(), head: None });
    assert_eq!(push(&json!({"after": ZEROS, "deleted": true, "head_commit": null})), gone);
    let deletion = |kind: &str| json!({"ref": "rig/4-greet", "ref_type": kind, "repository": repository()});
    assert!(matches!(told("delete", &deletion("branch")), Fact::Branch(_, branch) if Some(&branch) == gone.as_ref()));
    assert_eq!(told("delete", &deletion("tag")), Fact::Other);
}

fn comment(body: &str, changes: &Value) -> Option<Asked> {
    let payload = json!({
        "action": "created", "issue": {"number": 4}, "repository": repository(),
        "comment": {"id": 71, "user": {"login": "nora", "type": "User"}, "author_association": "MEMBER", "body": body},
    });
    match told("issue_comment", &with(payload, changes)) {
        Fact::Asked(asked) => Some(asked),
        Fact::Other => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_addressed_comment_asks_about_its_own_issue() {
    let asked = comment("/rig why", &json!({})).unwrap();
    let here = ItemKey { repository: RepositoryId(7), issue: IssueNumber(4) };
    assert_eq!((asked.who.as_str(), asked.may_order, asked.here), ("nora", true, Some(here)));
    let origin = Origin { room: "acme/hello.site#4".to_owned(), comment: Some(Comment { thread: 4, id: 71 }) };
    assert_eq!(asked.origin, origin);
    assert_eq!(asked.heard, Heard::Ask(Ask::Item(Which::default(), Order::Why)));
}

#[test]
fn a_near_miss_in_a_comment_is_asked_back() {
    assert_eq!(comment("/rig wyh", &json!({})).unwrap().heard, Heard::Near("why".to_owned()));
}

#[test]
fn a_strangers_comment_may_ask_and_not_order() {
    for association in ["NONE", "CONTRIBUTOR", "FIRST_TIMER", "owner"] {
        let comment_of =
            json!({"id": 71, "user": {"login": "sam"}, "author_association": association, "body": "/rig cancel"});
        assert!(!comment("", &json!({ "comment": comment_of })).unwrap().may_order);
    }
}

#[test]
fn what_is_no_new_comment_of_a_person_asks_nothing() {
    for body in ["why", "Status?", "> /rig why", "`/rig why`", "wyh"] {
        assert_eq!(comment(body, &json!({})), None, "{body}");
    }
    for action in ["edited", "deleted", "observed"] {
        assert_eq!(comment("/rig why", &json!({ "action": action })), None, "{action}");
    }
    let program = json!({"id": 71, "user": {"login": "x[bot]", "type": "Bot"}, "author_association": "MEMBER", "body": "/rig why"});
    assert_eq!(comment("", &json!({ "comment": program })), None);
}

#[test]
fn other_repositories_are_not_told_of_in_a_comment() {
    assert!(comment("/rig why ACME/hello.site#9", &json!({})).is_some());
    for body in ["/rig why acme/secret#1", "/rig hold acme/secret#1", "/rig queue", "/rig inbox"] {
        assert_eq!(comment(body, &json!({})), None, "{body}");
    }
}
