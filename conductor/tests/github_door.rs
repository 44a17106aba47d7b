//! Orders become changes on a played GitHub, each once however often it is ordered.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test says so by failing")]

#[path = "github_door/scene.rs"]
mod scene;
mod stage;

use bus::{
    catalogue::{
        agent::{Remark, Verdict},
        cmd::GithubOrder,
        outcome::{End, Left, Look, PullState, Refusal},
    },
    commit::Oid,
    number::{IssueNumber, PullNumber},
};
use scene::Scene;
use serde_json::Value;

const BRANCH: &str = "rig/1-greet-by-name";

fn open() -> GithubOrder {
    GithubOrder::Open {
        issue: IssueNumber(1),
        branch: BRANCH.to_owned(),
        base: "main".to_owned(),
        title: "Greet by name".to_owned(),
        body: "It greets.\n\nCloses #1".to_owned(),
    }
}

fn tell(text: &str) -> GithubOrder {
    GithubOrder::Tell { thread: 1, text: text.to_owned(), mention: None }
}

fn review(pull: PullNumber, head: Oid, verdict: Verdict) -> GithubOrder {
    let remark =
        |line| Remark { path: "hello.js".to_owned(), line, body: "an empty name says \"Hello, !\"".to_owned() };
    let remarks = if verdict == Verdict::ChangesRequested { vec![remark(1)] } else { Vec::new() };
    GithubOrder::Review { pull, head, verdict, body: "Read.".to_owned(), remarks }
}

const fn merge(pull: PullNumber, head: Oid) -> GithubOrder {
    GithubOrder::Merge { pull, head, title: String::new() }
}

fn left(end: End) -> Left {
    match end {
        End::Done { left } => left,
        other => panic!("it was not done: {other:?}"),
    }
}

fn look(end: End) -> Look {
    match left(end) {
        Left::Look(look) => *look,
        other => panic!("no look: {other:?}"),
    }
}

fn failure(end: End) -> String {
    match end {
        End::Failed { answer } => answer,
        other => panic!("it did not fail: {other:?}"),
    }
}

fn refusal(end: End) -> (Refusal, String) {
    match end {
        End::Refused { why, answer } => (why, answer),
        other => panic!("it was not refused: {other:?}"),
    }
}

/// An issue, a pull request of the implementer's, reviews of the reviewer's, a landing of the conductor's.
#[tokio::test]
async fn a_change_goes_from_its_issue_to_the_base_branch() {
    let scene = Scene::new().await;
    let filed = GithubOrder::File {
        title: "Greet by name".to_owned(),
        body: "It greets nobody.".to_owned(),
        labels: vec!["agent-ready".to_owned()],
        origin: None,
    };
    let Left::Issue { issue: IssueNumber(1), url: Some(url) } = left(scene.order(filed).await) else {
        panic!("the first issue, with its address")
    };
    assert!(url.ends_with("/issues/1"), "{url}");
    let issue = scene.get("issues/1").await;
    assert_eq!(
        (issue["user"]["login"].as_str(), issue["labels"][0]["name"].as_str()),
        (Some("conductor-e[bot]"), Some("agent-ready"))
    );

    let head = scene.push(BRANCH, "hello.js", "export const hello = name => `Hello, ${name}!`;\n");
    let Left::Pull { pull } = left(scene.order(open()).await) else { panic!("no pull request") };
    assert_eq!(scene.get(&format!("pulls/{}", pull.0)).await["user"]["login"], "dev-e[bot]");

    let seen = look(scene.order(GithubOrder::Look { pull, head }).await);
    assert_eq!((seen.head, seen.behind, seen.state, seen.mergeable), (head, 0, PullState::Open, Some(true)));
    assert_eq!(seen.authors, ["nora"]);

    left(scene.order(review(pull, head, Verdict::ChangesRequested)).await);
    left(scene.order(review(pull, head, Verdict::Approved)).await);
    let reviews = scene.get(&format!("pulls/{}/reviews", pull.0)).await;
    let states: Vec<_> = reviews.as_array().unwrap().iter().map(|review| review["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["CHANGES_REQUESTED", "APPROVED"]);
    assert_eq!(reviews[1]["user"]["login"], "review-e[bot]");
    assert_eq!(scene.get(&format!("pulls/{}/comments", pull.0)).await[0]["path"], "hello.js");

    let Left::Commit { commit, tree } = left(scene.order(merge(pull, head)).await) else { panic!("not landed") };
    assert_eq!((tree, scene.head("main")), (seen.tree, commit), "what landed is the tree that was looked at");
    let seen = look(scene.order(GithubOrder::Look { pull, head }).await);
    assert_eq!(seen.state, PullState::Merged { commit });
    scene.finish().await;
}

/// What agents and outsiders wrote calls nobody and closes nothing; whom the conductor asks is called.
#[tokio::test]
async fn f_224_other_peoples_words_call_nobody_and_close_nothing() {
    let scene = Scene::new().await;
    let foreign = "dev-e gave up: ask @acme/all, closes #7 <!-- rig -->";
    let filed = GithubOrder::File { title: "Greet".to_owned(), body: String::new(), labels: Vec::new(), origin: None };
    left(scene.order(filed).await);
    let text = format!("**escalated**\n\n@nora: {foreign}");
    left(scene.order(GithubOrder::Tell { thread: 1, text, mention: Some("nora".to_owned()) }).await);
    left(scene.order(GithubOrder::Answer { thread: 1, comment: 71, text: foreign.to_owned() }).await);
    left(scene.order(tell("**live**")).await);
    let head = scene.push(BRANCH, "hello.js", "one\n");
    let GithubOrder::Open { issue, branch, base, title, .. } = open() else { panic!("it opens") };
    let body = format!("{foreign}\n\nCloses {issue}");
    let opened = GithubOrder::Open { issue, branch, base, title: format!("{title}, fixes #7"), body };
    let Left::Pull { pull } = left(scene.order(opened).await) else { panic!("no pull request") };
    let remarks = vec![Remark { path: "hello.js".to_owned(), line: 1, body: foreign.to_owned() }];
    let verdict = Verdict::ChangesRequested;
    left(scene.order(GithubOrder::Review { pull, head, verdict, body: foreign.to_owned(), remarks }).await);
    let summary = foreign.to_owned();
    left(scene.order(GithubOrder::Judge { head, open: false, landed: false, summary }).await);

    let comments = scene.get("issues/1/comments").await;
    let said: Vec<&str> = comments.as_array().unwrap().iter().map(|said| said["body"].as_str().unwrap()).collect();
    assert!(said[0].starts_with("**live**"), "the mark in an answer is no mark of ours: {said:#?}");
    assert_eq!(said.len(), 2, "{said:#?}");
    let number = pull.0;
    let shown = [
        scene.get(&format!("pulls/{number}")).await,
        scene.get(&format!("pulls/{number}/reviews")).await,
        scene.get(&format!("pulls/{number}/comments")).await,
        scene.get(&format!("commits/{head}/check-runs?check_name=rig%20%2F%20gate")).await,
        comments,
    ];
    for shown in shown.map(|shown| shown.to_string()) {
        assert!(shown.contains("dev-e gave up"), "{shown}");
        for done in ["@acme", "closes #7", "fixes #7", "closes #7 <!--"] {
            assert!(!shown.contains(done), "{done} in {shown}");
        }
    }
    let pulls = scene.get(&format!("pulls/{number}")).await;
    assert!(pulls["body"].as_str().unwrap().contains("\n\nCloses #1"), "{}", pulls["body"]);
    scene.finish().await;
}

/// Whom the conductor asks, it calls; the same name in other people's words as well, and nobody else.
#[tokio::test]
async fn who_is_asked_is_called() {
    let scene = Scene::new().await;
    let filed = GithubOrder::File { title: "Greet".to_owned(), body: String::new(), labels: Vec::new(), origin: None };
    left(scene.order(filed).await);
    let text = "**escalated**\n\n@nora: dev-e gave up: @sam knows".to_owned();
    left(scene.order(GithubOrder::Tell { thread: 1, text, mention: Some("nora".to_owned()) }).await);
    let comments = scene.get("issues/1/comments").await;
    let said = comments[0]["body"].as_str().unwrap();
    assert!(said.starts_with("**escalated**\n\n@nora: dev-e gave up: @"), "{said}");
    assert!(!said.contains("@sam"), "{said}");
    scene.finish().await;
}

/// GitHub shows a hundred commits a page: who wrote the others is read, too. Of more than three hundred it is said that
/// there are more.
#[tokio::test]
async fn i_01_whoever_wrote_any_of_many_commits_is_an_author() {
    let scene = Scene::new().await;
    scene.push_as("sam", BRANCH, "hello.js", "sam's\n");
    for n in 0..99 {
        scene.push(BRANCH, "hello.js", &format!("{n}\n"));
    }
    let head = scene.push_as("eve", BRANCH, "hello.js", "eve's\n");
    let Left::Pull { pull } = left(scene.order(open()).await) else { panic!("no pull request") };
    let seen = look(scene.order(GithubOrder::Look { pull, head }).await);
    assert_eq!(seen.authors, ["eve", "nora", "sam"]);
    assert!(!seen.more_authors);
    for n in 0..200 {
        scene.push(BRANCH, "hello.js", &format!("again {n}\n"));
    }
    let head = scene.head(BRANCH);
    let seen = look(scene.order(GithubOrder::Look { pull, head }).await);
    assert!(seen.more_authors, "301 commits are more than are read");
    scene.finish().await;
}

/// The same command comes again, because its first outcome was lost: nothing is there twice (I-14).
#[tokio::test]
async fn i_14_an_order_that_comes_twice_is_done_once() {
    let scene = Scene::new().await;
    let file = GithubOrder::File { title: "Greet".to_owned(), body: String::new(), labels: Vec::new(), origin: None };
    scene.order_twice(file).await;
    let head = scene.push(BRANCH, "hello.js", "export const hello = () => 'Hello!';\n");
    scene.order_twice(open()).await;
    let pull = PullNumber(2);
    scene.order_twice(review(pull, head, Verdict::ChangesRequested)).await;
    scene.order_twice(review(pull, head, Verdict::Approved)).await;
    for text in ["**gated**", "**landing**"] {
        scene.order_twice(tell(text)).await;
    }
    let judge = |open, summary: &str| GithubOrder::Judge { head, open, landed: false, summary: summary.to_owned() };
    scene.order_twice(judge(false, "✗ checks: `build` is running")).await;
    scene.order_twice(judge(true, "✓ checks")).await;
    scene.order_twice(merge(pull, head)).await;

    let count = async |rest: &str| scene.get(rest).await.as_array().unwrap().len();
    assert_eq!(count("issues?state=all").await, 2, "one issue, one pull request");
    assert_eq!(count("pulls/2/reviews").await, 2);
    let comments = scene.get("issues/1/comments").await;
    assert_eq!(comments.as_array().unwrap().len(), 1, "one comment, edited in place");
    assert!(comments[0]["body"].as_str().unwrap().starts_with("**landing**"));
    let checks = scene.get(&format!("commits/{head}/check-runs")).await;
    let ours: Vec<&Value> =
        checks["check_runs"].as_array().unwrap().iter().filter(|run| run["name"] == "rig / gate").collect();
    assert_eq!((ours.len(), ours[0]["conclusion"].as_str()), (1, Some("success")));
    assert_eq!(scene.commits("main").await, 2, "landed once");
    scene.finish().await;
}

/// No word is taken on a head that a push replaced, and that is another thing than a review that is wrong.
#[tokio::test]
async fn f_065_a_review_of_a_head_that_was_replaced_says_so() {
    let scene = Scene::new().await;
    let head = scene.push(BRANCH, "hello.js", "one\n");
    left(scene.order(open()).await);
    let elsewhere = scene.push("main", "other.js", "elsewhere\n");
    let judged = |head| review(PullNumber(1), head, Verdict::ChangesRequested);
    assert_eq!(refusal(scene.order(judged(elsewhere)).await).0, Refusal::HeadMoved);
    left(scene.order(judged(head)).await);
    scene.finish().await;
}

/// The head moved under the merge, the base under the head, a conflict: each is told apart (F-063, F-065, I-07).
#[tokio::test]
async fn f_065_a_merge_that_is_refused_says_why() {
    let scene = Scene::new().await;
    let old = scene.push(BRANCH, "hello.js", "one\n");
    left(scene.order(open()).await);
    let pull = PullNumber(1);
    let head = scene.push(BRANCH, "hello.js", "two\n");
    assert_eq!(refusal(scene.order(merge(pull, old)).await).0, Refusal::HeadMoved);

    let before = look(scene.order(GithubOrder::Look { pull, head }).await);
    scene.push("main", "other.js", "elsewhere\n");
    assert_eq!(look(scene.order(GithubOrder::Look { pull, head }).await).behind, 1);
    let updated = scene.order_twice(GithubOrder::Update { pull, head }).await;
    let Left::Commit { commit, .. } = left(updated) else { panic!("not updated") };
    let after = look(scene.order(GithubOrder::Look { pull, head: commit }).await);
    assert_eq!((after.head, after.behind, &after.patch), (commit, 0, &before.patch), "what it changes is the same");
    assert_eq!(refusal(scene.order(GithubOrder::Update { pull, head: old }).await).0, Refusal::HeadMoved);

    scene.push("main", "hello.js", "three\n");
    let seen = look(scene.order(GithubOrder::Look { pull, head: commit }).await);
    assert_eq!(seen.mergeable, Some(false));
    assert_eq!(refusal(scene.order(GithubOrder::Update { pull, head: commit }).await).0, Refusal::Conflict);
    assert_eq!(refusal(scene.order(merge(pull, commit)).await).0, Refusal::Conflict);

    left(scene.order(GithubOrder::Close { pull, by: PullNumber(9) }).await);
    assert_eq!(refusal(scene.order(merge(pull, commit)).await).0, Refusal::Gone);
    scene.finish().await;
}

/// Whoever wrote a change cannot approve it: the roles are different Apps, and GitHub says so, too.
#[tokio::test]
async fn f_043_a_refusal_is_an_outcome_with_githubs_words() {
    let scene = Scene::new().await;
    let nothing = scene.order(GithubOrder::Look { pull: PullNumber(77), head: scene.head("main") }).await;
    let (why, answer) = refusal(nothing);
    assert_eq!((why, answer.as_str()), (Refusal::Gone, "404 Not Found"));
    let (why, answer) = refusal(scene.order(open()).await);
    assert_eq!(why, Refusal::Invalid);
    assert!(answer.starts_with("422 Validation Failed"), "{answer}");
    scene.finish().await;
}

/// Anybody can write our marker into a comment of theirs; ours is found by who said it, too.
#[tokio::test]
async fn a_comment_of_somebody_elses_is_not_taken_for_ours() {
    let scene = Scene::new().await;
    left(
        scene
            .order(GithubOrder::File {
                title: "Greet".to_owned(),
                body: String::new(),
                labels: Vec::new(),
                origin: None,
            })
            .await,
    );
    scene.comment(1, "ha <!-- rig -->").await;
    left(scene.order(tell("**queued**")).await);
    let comments = scene.get("issues/1/comments").await;
    let said: Vec<_> =
        comments.as_array().unwrap().iter().map(|comment| comment["user"]["login"].as_str().unwrap()).collect();
    assert_eq!(said, ["nora", "conductor-e[bot]"]);
    scene.finish().await;
}

/// A question in a comment is answered under it, once, beside the one comment that tells how it stands.
#[tokio::test]
async fn an_answer_stands_once_under_its_question() {
    let scene = Scene::new().await;
    let filed = GithubOrder::File { title: "Greet".to_owned(), body: String::new(), labels: Vec::new(), origin: None };
    left(scene.order(filed).await);
    let answer = |comment: u64, text: &str| GithubOrder::Answer { thread: 1, comment, text: text.to_owned() };
    scene.comment(1, "/rig why").await;
    left(scene.order(tell("**queued**")).await);
    left(scene.order_twice(answer(71, "waits for its turn")).await);
    left(scene.order(answer(71, "asked once more after its outcome was lost")).await);
    left(scene.order(answer(72, "the next question")).await);
    left(scene.order(tell("**offered**")).await);
    let comments = scene.get("issues/1/comments").await;
    let first = |comment: &Value| comment["body"].as_str().unwrap().lines().next().unwrap().to_owned();
    let said: Vec<String> = comments.as_array().unwrap().iter().map(first).collect();
    assert_eq!(said, ["/rig why", "**offered**", "waits for its turn", "the next question"]);
    scene.finish().await;
}

/// A token dies in mid-use, the API fails, an answer is lost after the effect: the order is done once all the same.
#[tokio::test]
async fn an_order_outlives_a_token_and_a_lost_answer() {
    let scene = Scene::new().await;
    left(
        scene
            .order(GithubOrder::File {
                title: "Greet".to_owned(),
                body: String::new(),
                labels: Vec::new(),
                origin: None,
            })
            .await,
    );
    scene.push(BRANCH, "hello.js", "one\n");
    scene.expire_tokens();
    left(scene.order(tell("**queued**")).await);
    scene.lose_one_answer("POST", "/repos/acme/hello.site/pulls");
    left(scene.order(open()).await);
    assert_eq!(scene.get("pulls").await.as_array().unwrap().len(), 1);
    scene.finish().await;
}

/// GitHub takes no more for now: words wait, and are not tried again and again; what moves work goes on.
#[tokio::test]
async fn where_too_much_was_written_words_wait_and_work_goes_on() {
    let scene = Scene::new().await;
    let file = |title: &str| GithubOrder::File {
        title: title.to_owned(),
        body: String::new(),
        labels: Vec::new(),
        origin: None,
    };
    left(scene.order(file("Greet")).await);
    let tell = || tell("**queued**");
    scene.limit_once("POST", "/repos/acme/hello.site/issues/*/comments");
    let refused = failure(scene.order(tell()).await);
    assert!(refused.contains("secondary rate limit"), "{refused}");
    let waits = failure(scene.order(tell()).await);
    assert!(waits.contains("what moves work goes first"), "{waits}");
    left(scene.order(file("Greet again")).await);
    assert_eq!(scene.get("issues/1/comments").await.as_array().unwrap().len(), 0);
    scene.finish().await;
}

/// A check that says already what it is to say is not written once more.
#[tokio::test]
async fn a_check_is_written_when_it_says_something_else() {
    let scene = Scene::new().await;
    let head = scene.push(BRANCH, "hello.js", "one\n");
    let judge = |open, landed, summary: &str| GithubOrder::Judge { head, open, landed, summary: summary.to_owned() };
    let shown = async || {
        let checks = scene.get(&format!("commits/{head}/check-runs?check_name=rig%20%2F%20gate")).await;
        let run = checks["check_runs"][0].clone();
        (run["status"].as_str().unwrap().to_owned(), run["conclusion"].as_str().map(str::to_owned))
    };
    left(scene.order(judge(false, false, "✗ checks")).await);
    assert_eq!(shown().await, ("in_progress".to_owned(), None));
    scene.limit_once("PATCH", "/repos/acme/hello.site/check-runs/*");
    left(scene.order(judge(false, false, "✗ checks")).await);
    let refused = failure(scene.order(judge(false, true, "Merged by hand.")).await);
    assert!(refused.contains("secondary rate limit"), "the second was no request, the third is one: {refused}");
    scene.finish().await;
}

/// A head that was merged past a shut gate is neither said to have passed nor left to wait.
#[tokio::test]
async fn a_check_of_what_landed_past_the_gates_is_neutral() {
    let scene = Scene::new().await;
    let head = scene.push(BRANCH, "hello.js", "one\n");
    let judge = |landed| GithubOrder::Judge { head, open: false, landed, summary: "so it is".to_owned() };
    left(scene.order(judge(false)).await);
    left(scene.order_twice(judge(true)).await);
    let checks = scene.get(&format!("commits/{head}/check-runs?check_name=rig%20%2F%20gate")).await;
    let run = &checks["check_runs"][0];
    assert_eq!((run["status"].as_str(), run["conclusion"].as_str()), (Some("completed"), Some("neutral")));
    scene.finish().await;
}
