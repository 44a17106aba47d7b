//! A pull request's life by octocrab's typed calls: whatever is answered has to be what octocrab's types say.

use octocrab::{
    Octocrab,
    models::{
        IssueState,
        pulls::{PullRequest, ReviewAction, ReviewState},
        repos::Object,
    },
    params::{
        checks::{CheckRunConclusion, CheckRunOutput, CheckRunStatus},
        pulls::MergeMethod,
        repos::{Commitish, Reference},
    },
};

use crate::cast::{Cast, OWNER, REPOSITORY};

#[tokio::test]
async fn a_pull_request_lives_from_issue_to_merge() {
    let cast = Cast::new().await;
    let (ada, nora, robin) = (cast.ada(), cast.nora(), cast.robin());
    let issue = file_an_issue(&ada).await;
    let pull = propose(&ada, "greet", &format!("Closes #{issue}")).await;
    look(&nora, &pull).await;
    review(&nora, &pull).await;
    check(&robin, &pull).await;
    merge(&ada, &pull).await;
    let closed = ada.issues(OWNER, REPOSITORY).get(issue).await.unwrap();
    assert_eq!(closed.state, IssueState::Closed);
    cast.stage.played.stop().await;
}

async fn file_an_issue(ada: &Octocrab) -> u64 {
    let issues = ada.issues(OWNER, REPOSITORY);
    let new = issues.create("Greet by name").body("It greets nobody.").labels(vec!["bug".to_owned()]);
    let issue = new.send().await.unwrap();
    assert_eq!((issue.user.login.as_str(), issue.labels[0].name.as_str()), ("ada", "bug"));
    let said = issues.create_comment(issue.number, "By **name**.").await.unwrap();
    issues.update_comment(said.id, "By _name_.").await.unwrap();
    let comments = issues.list_comments(issue.number).send().await.unwrap();
    assert_eq!(comments.items[0].body.as_deref(), Some("By _name_."));
    issue.number
}

/// A branch with a new file and a changed one, and a pull request of it.
pub async fn propose(person: &Octocrab, branch: &str, body: &str) -> PullRequest {
    let repository = person.repos(OWNER, REPOSITORY);
    let main = repository.get_ref(&Reference::Branch("main".to_owned())).await.unwrap();
    let Object::Commit { sha, .. } = main.object else { panic!("{:?} is no commit", main.object) };
    let made = repository.create_ref(&Reference::Branch(branch.to_owned()), sha).await.unwrap();
    assert_eq!(made.ref_field, format!("refs/heads/{branch}"));
    let script = repository.create_file("hello.js", "Greet", "export const hello = name => `Hello, ${name}!`;\n");
    script.branch(branch).send().await.unwrap();
    let page = repository.get_content().path("index.html").r#ref(branch).send().await.unwrap();
    let page = &page.items[0];
    assert_eq!(page.decoded_content().as_deref(), Some("<h1>Hello!</h1>\n"));
    let changed = repository.update_file("index.html", "Load it", "<h1>Hello, you!</h1>\n", page.sha.as_str());
    let changed = changed.branch(branch).send().await.unwrap();
    assert_ne!(changed.content.sha, page.sha);
    let pulls = person.pulls(OWNER, REPOSITORY);
    pulls.create("Greet by name", branch, "main").body(body.to_owned()).send().await.unwrap()
}

async fn look(nora: &Octocrab, pull: &PullRequest) {
    let pulls = nora.pulls(OWNER, REPOSITORY);
    let open = pulls.list().head("acme:greet").base("main").send().await.unwrap();
    assert_eq!((open.items.len(), open.items[0].number), (1, pull.number));
    let files = pulls.list_files(pull.number).await.unwrap();
    let names: Vec<&str> = files.items.iter().map(|file| file.filename.as_str()).collect();
    assert_eq!(names, ["hello.js", "index.html"]);
    let commits = pulls.pr_commits(pull.number).send().await.unwrap();
    let messages: Vec<&str> = commits.items.iter().map(|commit| commit.commit.message.as_str()).collect();
    assert_eq!(messages, ["Greet", "Load it"]);
    assert!(pulls.get_diff(pull.number).await.unwrap().contains("+<h1>Hello, you!</h1>"));
    assert!(pulls.get_patch(pull.number).await.unwrap().contains("Subject: [PATCH 1/2] Greet"));
    let repository = nora.repos(OWNER, REPOSITORY);
    let compared = repository.compare_commits("main", "greet").send().await.unwrap();
    assert_eq!((compared.ahead_by, compared.behind_by), (2, 0));
    assert!(!pulls.is_merged(pull.number).await.unwrap());
}

async fn review(nora: &Octocrab, pull: &PullRequest) {
    let pulls = nora.pulls(OWNER, REPOSITORY);
    let head = pull.head.sha.as_str();
    let line = pulls.create_comment(pull.number, "And if nobody is there?", head, "hello.js", 1).await.unwrap();
    let reply = pulls.reply_to_comment(pull.number, line.id, "Then say so.").await.unwrap();
    assert_eq!(reply.in_reply_to_id, Some(line.id));
    for (action, body) in [(ReviewAction::RequestChanges, "Not yet."), (ReviewAction::Approve, "Now it does.")] {
        #[expect(deprecated, reason = "octocrab offers no other way to write a review")]
        let specific = pulls.pull_number(pull.number);
        let review = specific.reviews().create_review(head, body, action, Vec::new()).await.unwrap();
        assert_eq!(review.user.unwrap().login, "nora");
    }
    let reviews = pulls.list_reviews(pull.number).send().await.unwrap();
    let states: Vec<_> = reviews.items.iter().filter_map(|review| review.state).collect();
    assert_eq!(states[states.len() - 2..], [ReviewState::ChangesRequested, ReviewState::Approved]);
}

async fn check(robin: &Octocrab, pull: &PullRequest) {
    let checks = robin.checks(OWNER, REPOSITORY);
    let head = pull.head.sha.as_str();
    let run = checks.create_check_run("build", head).status(CheckRunStatus::InProgress).send().await.unwrap();
    let output = CheckRunOutput {
        title: "Built".to_owned(),
        summary: "Two files".to_owned(),
        text: None,
        annotations: Vec::new(),
        images: Vec::new(),
    };
    let done = checks.update_check_run(run.id).status(CheckRunStatus::Completed);
    let done = done.conclusion(CheckRunConclusion::Success).output(output).send().await.unwrap();
    assert_eq!((done.conclusion.as_deref(), done.output.title.as_deref()), (Some("success"), Some("Built")));
    let runs = checks.list_check_runs_for_git_ref(Commitish(head.to_owned())).send().await.unwrap();
    assert_eq!((runs.total_count, runs.check_runs[0].id), (1, run.id));
    let suites = checks.list_check_suites_for_git_ref(Commitish(head.to_owned())).send().await.unwrap();
    assert_eq!(suites.check_suites[0].head_sha, head);
}

async fn merge(ada: &Octocrab, pull: &PullRequest) {
    let pulls = ada.pulls(OWNER, REPOSITORY);
    let merged = pulls.merge(pull.number).sha(pull.head.sha.as_str()).method(MergeMethod::Squash);
    let merged = merged.title("Greet by name").send().await.unwrap();
    assert!(merged.merged);
    assert!(pulls.is_merged(pull.number).await.unwrap());
    let told = pulls.get(pull.number).await.unwrap();
    assert_eq!((told.merged, &told.merge_commit_sha), (Some(true), &merged.sha));
    assert_eq!(told.merged_by.unwrap().login, "ada");
    let repository = ada.repos(OWNER, REPOSITORY);
    repository.delete_ref(&Reference::Branch("greet".to_owned())).await.unwrap();
    let branches = repository.list_branches().send().await.unwrap();
    let names: Vec<&str> = branches.items.iter().map(|branch| branch.name.as_str()).collect();
    assert_eq!(names, ["main"]);
}
