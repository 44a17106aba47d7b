//! Pull requests, from opening to closing without a merge.

use http::{Request, header::ACCEPT};
use sandbox::world::{Input, Number};
use serde_json::{Value, json};

use crate::{
    rounds::{PULLS, commit, commit_to, learn, opened, person, tip, told},
    stage::Stage,
};

#[test]
fn a_pull_request_is_opened_and_git_says_whether_it_merges() {
    let mut stage = Stage::new();
    let (nora, ada) = (stage.nora.clone(), stage.ada.clone());
    let head = commit(&mut stage, "greet", "greet.txt", "one\ntwo\n");
    let new = json!({"title": "Greet", "body": "By name", "head": "greet", "base": "main"});
    let opened = stage.post(&nora, PULLS, new).expect(201);
    assert_eq!((&opened["mergeable"], &opened["mergeable_state"]), (&Value::Null, &json!("unknown")));
    assert_eq!((&opened["head"]["label"], &opened["head"]["sha"]), (&json!("acme:greet"), &json!(head)));
    assert_eq!([&opened["commits"], &opened["additions"], &opened["changed_files"]], [1, 2, 1]);
    learn(&mut stage);
    let known = stage.get(&ada, &format!("{PULLS}/1")).expect(200);
    assert_eq!((&known["mergeable"], &known["mergeable_state"]), (&json!(true), &json!("clean")));
    assert_eq!(known["rebaseable"], true);
    let trial = known["merge_commit_sha"].as_str().unwrap().parse().unwrap();
    assert_eq!(stage.world.objects().commit(trial).unwrap().parents, [tip(&stage, "main"), head]);
    assert_eq!(stage.get(&ada, &format!("{PULLS}?head=acme:greet")).expect(200)[0]["number"], 1);
    assert_eq!(stage.get(&ada, &format!("{PULLS}?head=acme:other")).expect(200), json!([]));
    assert_eq!(stage.get(&ada, &format!("{PULLS}?base=other")).expect(200), json!([]));
    let issue = stage.get(&ada, "/repos/acme/hello.site/issues/1").expect(200);
    assert_eq!(issue["pull_request"]["html_url"], "http://127.0.0.1:8480/acme/hello.site/pull/1");
    assert_eq!(stage.get(&ada, &format!("/repos/acme/hello.site/commits/{head}/pulls")).expect(200)[0]["number"], 1);
    assert_eq!(told(&mut stage), ["pull_request.opened"]);
}

#[test]
fn what_cannot_be_opened_is_said_in_githubs_words() {
    let mut stage = Stage::new();
    let (nora, sam) = (stage.nora.clone(), stage.sam.clone());
    opened(&mut stage, "greet", "");
    told(&mut stage);
    let mut refused = |token: &str, head: &str, base: &str| {
        let told = stage.post(token, PULLS, json!({"title": "Greet", "head": head, "base": base})).expect(422);
        told["errors"][0].clone()
    };
    let twice = refused(&nora, "greet", "main");
    assert_eq!(twice["message"], "A pull request already exists for acme:greet.");
    assert_eq!(twice["code"], "custom");
    assert_eq!(refused(&nora, "main", "main")["message"], "No commits between main and main");
    assert_eq!(
        refused(&nora, "nothing", "main"),
        json!({"resource": "PullRequest", "field": "head", "code": "invalid"})
    );
    assert_eq!(refused(&nora, "greet", "nothing")["field"], "base");
    assert_eq!(refused(&nora, "nobody:greet", "main")["field"], "head");
    commit(&mut stage, "other", "other.txt", "");
    let stranger = stage.post(&sam, PULLS, json!({"title": "Hi", "head": "other", "base": "main"})).expect(422);
    assert_eq!(stranger["errors"][0]["message"], "must be a collaborator");
    let missing = stage.post(&nora, PULLS, json!({"head": "other", "base": "main"})).expect(422);
    assert_eq!(missing["errors"], json!([{"resource": "Issue", "field": "title", "code": "missing_field"}]));
    assert_eq!(told(&mut stage), [""; 0]);
}

#[test]
fn a_push_moves_the_pull_request_and_its_mergeability_is_asked_again() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    let before = opened(&mut stage, "greet", "");
    let after = commit(&mut stage, "greet", "index.html", "<h1>Hi!</h1>\n");
    let moved = stage.get(&nora, &format!("{PULLS}/1")).expect(200);
    assert_eq!(
        (&moved["head"]["sha"], &moved["mergeable"], &moved["commits"]),
        (&json!(after), &Value::Null, &json!(2))
    );
    let synchronized = stage.posts.iter().map(|post| serde_json::from_slice::<Value>(&post.body).unwrap());
    let synchronized = synchronized.into_iter().find(|payload| payload["action"] == "synchronize").unwrap();
    assert_eq!((&synchronized["before"], &synchronized["after"]), (&before["head"]["sha"], &json!(after)));
    learn(&mut stage);
    assert_eq!(stage.get(&nora, &format!("{PULLS}/1")).expect(200)["mergeable"], true);
    commit(&mut stage, "main", "index.html", "<h1>Good day!</h1>\n");
    assert_eq!(stage.get(&nora, &format!("{PULLS}/1")).expect(200)["mergeable"], Value::Null);
    learn(&mut stage);
    let stuck = stage.get(&nora, &format!("{PULLS}/1")).expect(200);
    assert_eq!((&stuck["mergeable"], &stuck["mergeable_state"]), (&json!(false), &json!("dirty")));
    assert_eq!((&stuck["rebaseable"], &stuck["merge_commit_sha"]), (&json!(false), &Value::Null));
}

#[test]
fn files_diff_and_letters() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    commit(&mut stage, "greet", "index.html", "<h1>Hi!</h1>\n");
    opened(&mut stage, "greet", "");
    let files = stage.get(&nora, &format!("{PULLS}/1/files")).expect(200);
    assert_eq!((&files[0]["filename"], &files[0]["status"]), (&json!("greet.txt"), &json!("added")));
    assert_eq!(files[1]["patch"], "@@ -1 +1 @@\n-<h1>Hello!</h1>\n+<h1>Hi!</h1>");
    let commits = stage.get(&nora, &format!("{PULLS}/1/commits")).expect(200);
    let said: Vec<_> = commits.as_array().unwrap().iter().map(|commit| &commit["commit"]["message"]).collect();
    assert_eq!(said, ["Change index.html", "Change greet.txt"]);
    let mut text = |kind: &str| {
        let request =
            Request::get(format!("{PULLS}/1")).header(ACCEPT, kind).header("authorization", format!("Bearer {nora}"));
        let answer = stage.step(&Input::Request(request.body(bytes::Bytes::new()).unwrap())).answer.unwrap();
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("application/vnd.github."));
        String::from_utf8(answer.body().to_vec()).unwrap()
    };
    assert!(
        text("application/vnd.github.diff").starts_with("diff --git a/greet.txt b/greet.txt\nnew file mode 100644\n")
    );
    assert_eq!(text("application/vnd.github.v3.patch").matches("\nSubject: [PATCH ").count(), 2);
}

#[test]
fn it_is_edited_aimed_elsewhere_closed_and_opened_again() {
    let mut stage = Stage::new();
    let (nora, sam) = (stage.nora.clone(), stage.sam.clone());
    opened(&mut stage, "greet", "");
    commit(&mut stage, "next", "next.txt", "");
    let place = format!("{PULLS}/1");
    stage.patch(&sam, &place, json!({"title": "Mine"})).expect(403);
    let edited = stage.patch(&nora, &place, json!({"title": "Greet all", "body": "All", "base": "next"})).expect(200);
    assert_eq!((&edited["title"], &edited["base"]["ref"]), (&json!("Greet all"), &json!("next")));
    stage.patch(&nora, &place, json!({"base": "nothing"})).expect(422);
    stage.patch(&nora, &place, json!({"state": "closed"})).expect(200);
    assert_eq!(stage.get(&nora, PULLS).expect(200), json!([]));
    assert_eq!(stage.get(&nora, &format!("{PULLS}?state=closed")).expect(200)[0]["number"], 1);
    let again = stage.patch(&nora, &place, json!({"state": "open"})).expect(200);
    assert_eq!((&again["state"], &again["closed_at"]), (&json!("open"), &Value::Null));
    assert_eq!(
        told(&mut stage),
        [
            "pull_request.opened",
            "pull_request.edited",
            "pull_request.edited",
            "pull_request.closed",
            "pull_request.reopened"
        ]
    );
}

#[test]
fn a_deleted_branch_closes_it_and_it_cannot_be_opened_again() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    opened(&mut stage, "greet", "");
    let (site, who) = (stage.site, person(&mut stage, "nora"));
    stage.world.move_branch(site, "greet", None, who);
    let closed = stage.get(&nora, &format!("{PULLS}/1")).expect(200);
    assert_eq!((&closed["state"], &closed["merged"]), (&json!("closed"), &json!(false)));
    let refused = stage.patch(&nora, &format!("{PULLS}/1"), json!({"state": "open"})).expect(422);
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("branch has been deleted"));
    stage.get(&nora, &format!("{PULLS}/1/merge")).expect(404);
    assert_eq!(told(&mut stage), ["pull_request.opened", "pull_request.closed"]);
}

#[test]
fn a_fork_brings_a_pull_request() {
    let mut stage = Stage::new();
    let (sam_token, site) = (stage.sam.clone(), stage.site);
    let sam = person(&mut stage, "sam");
    let fork = stage.world.fork(site, sam).unwrap();
    commit_to(&mut stage, fork, "sam", "idea", "An idea\n", ("idea.txt", "idea\n"));
    let new = json!({"title": "An idea", "head": "sam:idea", "base": "main"});
    let opened = stage.post(&sam_token, PULLS, new).expect(201);
    assert_eq!((&opened["head"]["label"], &opened["maintainer_can_modify"]), (&json!("sam:idea"), &json!(true)));
    assert_eq!(opened["head"]["repo"]["full_name"], "sam/hello.site");
    commit_to(&mut stage, fork, "sam", "idea", "Better\n", ("idea.txt", "better idea\n"));
    learn(&mut stage);
    let moved = stage.get(&sam_token, &format!("{PULLS}/1")).expect(200);
    assert_eq!((&moved["commits"], &moved["mergeable"]), (&json!(2), &json!(true)));
    assert_eq!(told(&mut stage), ["pull_request.opened", "pull_request.synchronize"]);
}

#[test]
fn what_came_from_a_fork_is_closed_when_the_fork_goes() {
    let mut stage = Stage::new();
    let (token, site) = (stage.sam.clone(), stage.site);
    let sam = person(&mut stage, "sam");
    let fork = stage.world.fork(site, sam).unwrap();
    commit_to(&mut stage, fork, "sam", "idea", "An idea\n", ("idea.txt", "idea\n"));
    let new = |head: &str| json!({"title": "An idea", "head": head, "base": "main"});
    stage.post(&token, PULLS, new("sam:idea")).expect(201);
    stage.post(&token, "/repos/sam/hello.site/pulls", new("idea")).expect(201);
    opened(&mut stage, "greet", "");
    told(&mut stage);
    stage.delete(&token, "/repos/sam/hello.site").expect(204);
    let closed = stage.get(&token, &format!("{PULLS}/1")).expect(200);
    assert_eq!([&closed["state"], &closed["head"]["repo"]], [&json!("closed"), &Value::Null]);
    assert_eq!(stage.get(&token, PULLS).expect(200)[0]["number"], 2, "its own stay open");
    let events = stage.get(&token, "/repos/acme/hello.site/issues/1/timeline").expect(200);
    assert_eq!((&events[0]["event"], &events[0]["actor"]["login"]), (&json!("closed"), &json!("sam")));
    let refused = stage.patch(&token, &format!("{PULLS}/1"), json!({"state": "open"})).expect(422);
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("has been deleted"));
    assert_eq!(told(&mut stage), ["pull_request.closed"]);
}

#[test]
fn a_draft_is_made_ready_by_its_people() {
    let mut stage = Stage::new();
    let (nora, site) = (stage.nora.clone(), stage.site);
    commit(&mut stage, "greet", "greet.txt", "");
    let new = json!({"title": "Greet", "head": "greet", "base": "main", "draft": true});
    assert_eq!(stage.post(&nora, PULLS, new).expect(201)["draft"], true);
    learn(&mut stage);
    assert_eq!(stage.get(&nora, &format!("{PULLS}/1")).expect(200)["mergeable_state"], "draft");
    let who = person(&mut stage, "nora");
    stage.world.set_draft(site, Number(1), false, who);
    assert_eq!(stage.get(&nora, &format!("{PULLS}/1")).expect(200)["mergeable_state"], "clean");
    stage.world.set_draft(site, Number(1), true, who);
    stage.get(&nora, PULLS).expect(200);
    assert_eq!(
        told(&mut stage),
        ["pull_request.opened", "pull_request.ready_for_review", "pull_request.converted_to_draft"]
    );
}

#[test]
fn an_issue_becomes_a_pull_request() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    stage.post(&nora, "/repos/acme/hello.site/issues", json!({"title": "Greet"})).expect(201);
    commit(&mut stage, "greet", "greet.txt", "");
    let opened = stage.post(&nora, PULLS, json!({"issue": 1, "head": "greet", "base": "main"})).expect(201);
    assert_eq!((&opened["number"], &opened["title"]), (&json!(1), &json!("Greet")));
}

#[test]
fn what_is_done_to_its_issue_is_done_to_it() {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    opened(&mut stage, "greet", "");
    told(&mut stage);
    let change = json!({"title": "Greet all", "labels": ["bug"], "assignees": ["nora"], "state": "closed"});
    stage.patch(&ada, "/repos/acme/hello.site/issues/1", change).expect(200);
    let pull = stage.get(&ada, &format!("{PULLS}/1")).expect(200);
    assert_eq!((&pull["state"], &pull["title"]), (&json!("closed"), &json!("Greet all")));
    assert_eq!((&pull["labels"][0]["name"], &pull["assignee"]["login"]), (&json!("bug"), &json!("nora")));
    assert_eq!(stage.get(&ada, PULLS).expect(200), json!([]));
    stage.post(&ada, "/repos/acme/hello.site/issues/1/comments", json!({"body": "Why?"})).expect(201);
    assert_eq!(stage.get(&ada, &format!("{PULLS}/1")).expect(200)["comments"], 1);
    commit(&mut stage, "next", "next.txt", "");
    stage.patch(&ada, &format!("{PULLS}/1"), json!({"base": "next"})).expect(422);
    stage.patch(&ada, "/repos/acme/hello.site/issues/1", json!({"state": "open"})).expect(200);
    assert_eq!(stage.get(&ada, PULLS).expect(200)[0]["number"], 1);
    assert_eq!(
        told(&mut stage),
        [
            "pull_request.edited",
            "pull_request.labeled",
            "pull_request.assigned",
            "pull_request.closed",
            "pull_request.reopened",
        ]
    );
}

#[test]
fn a_branch_has_one_open_pull_request_to_a_base() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    opened(&mut stage, "greet", "");
    let place = format!("{PULLS}/1");
    stage.patch(&nora, &place, json!({"state": "closed"})).expect(200);
    let second = json!({"title": "Greet", "head": "greet", "base": "main"});
    stage.post(&nora, PULLS, second).expect(201);
    let refused = stage.patch(&nora, &place, json!({"state": "open"})).expect(422);
    let said = "state cannot be changed. A pull request already exists for acme:greet.";
    assert_eq!(refused["errors"][0]["message"], said);
    commit(&mut stage, "next", "next.txt", "");
    let third = json!({"title": "Greet", "head": "greet", "base": "next"});
    stage.post(&nora, PULLS, third).expect(201);
    let refused = stage.patch(&nora, &format!("{PULLS}/3"), json!({"base": "main"})).expect(422);
    assert!(refused["errors"][0]["message"].as_str().unwrap().starts_with("A pull request already exists for base"));
}
