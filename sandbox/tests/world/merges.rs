//! Merging: by each method, against refusals, and what follows from it.

use sandbox::{object::Oid, world::Number};
use serde_json::{Value, json};

use crate::{
    rounds::{PULLS, commit, commit_to, learn, opened, person, tip, told, tree},
    stage::Stage,
};

/// The tree that a merge by path gives.
fn expected(stage: &Stage, ours: Oid, theirs: Oid) -> Oid {
    let mut objects = stage.world.objects().clone();
    let base = objects.merge_base(ours, theirs).unwrap();
    let [base, ours, theirs] = [base, ours, theirs].map(|oid| objects.commit(oid).unwrap().tree);
    objects.merge(base, ours, theirs).unwrap()
}

/// A pull request of two commits whose base has moved on since.
fn diverged(stage: &mut Stage) -> (Oid, Oid) {
    opened(stage, "greet", "Greets by name.\n\nCloses #2");
    let head = commit(stage, "greet", "src/hello.js", "export const hello = name => `Hello, ${name}!`;\n");
    let base = commit(stage, "main", "index.html", "<h1>Good day!</h1>\n");
    learn(stage);
    (base, head)
}

fn merge(stage: &mut Stage, wanted: Value) -> Oid {
    let ada = stage.ada.clone();
    let merged = stage.put(&ada, &format!("{PULLS}/1/merge"), wanted).expect(200);
    assert_eq!((&merged["merged"], &merged["message"]), (&json!(true), &json!("Pull Request successfully merged")));
    let sha = merged["sha"].as_str().unwrap().parse().unwrap();
    assert_eq!(tip(stage, "main"), sha);
    sha
}

#[test]
fn a_merge_has_both_parents_and_gits_tree() {
    let mut stage = Stage::new();
    let (base, head) = diverged(&mut stage);
    let wanted = expected(&stage, base, head);
    let sha = merge(&mut stage, json!({"sha": head}));
    let commit = stage.world.objects().commit(sha).unwrap().clone();
    assert_eq!((commit.tree, commit.parents.as_slice()), (wanted, [base, head].as_slice()));
    assert_eq!(commit.message, "Merge pull request #1 from acme/greet\n\nAdd greet");
    assert_eq!((commit.author.name.as_str(), commit.committer.email.as_str()), ("ada", "noreply@github.com"));
    let ada = stage.ada.clone();
    let pull = stage.get(&ada, &format!("{PULLS}/1")).expect(200);
    assert_eq!((&pull["state"], &pull["merged"]), (&json!("closed"), &json!(true)));
    assert_eq!((&pull["merged_by"]["login"], &pull["merge_commit_sha"]), (&json!("ada"), &json!(sha)));
    stage.get(&ada, &format!("{PULLS}/1/merge")).expect(204);
    assert_eq!(stage.get(&ada, &format!("{PULLS}/1/files")).expect(200).as_array().unwrap().len(), 2);
}

#[test]
fn a_squash_is_one_commit_of_the_same_tree() {
    let mut stage = Stage::new();
    let (base, head) = diverged(&mut stage);
    let wanted = expected(&stage, base, head);
    let sha = merge(&mut stage, json!({"merge_method": "squash"}));
    let commit = stage.world.objects().commit(sha).unwrap();
    assert_eq!((commit.tree, commit.parents.as_slice()), (wanted, [base].as_slice()));
    assert_eq!(commit.message, "Add greet (#1)\n\n* Change greet.txt\n\n* Change src/hello.js");
    assert_eq!(commit.author.name, "nora");
}

#[test]
fn a_rebase_does_each_commit_again() {
    let mut stage = Stage::new();
    let (base, head) = diverged(&mut stage);
    let wanted = expected(&stage, base, head);
    let ada = stage.ada.clone();
    assert_eq!(stage.get(&ada, &format!("{PULLS}/1")).expect(200)["rebaseable"], true);
    let sha = merge(&mut stage, json!({"merge_method": "rebase"}));
    let objects = stage.world.objects();
    let last = objects.commit(sha).unwrap();
    let first = objects.commit(last.parents[0]).unwrap();
    assert_eq!((tree(&stage, sha), first.parents.as_slice()), (wanted, [base].as_slice()));
    assert_eq!([first.subject(), last.subject()], ["Change greet.txt", "Change src/hello.js"]);
    assert_eq!((last.author.name.as_str(), last.committer.name.as_str()), ("nora", "ada"));
    assert_eq!(stage.get(&ada, &format!("{PULLS}/1")).expect(200)["merged"], true);
}

#[test]
fn words_that_are_given_are_taken() {
    let mut stage = Stage::new();
    opened(&mut stage, "greet", "");
    let sha =
        merge(&mut stage, json!({"merge_method": "squash", "commit_title": "Greet", "commit_message": "Rig-Run: 7"}));
    assert_eq!(stage.world.objects().commit(sha).unwrap().message, "Greet\n\nRig-Run: 7");
}

#[test]
fn what_cannot_be_merged_is_refused_in_githubs_words() {
    let mut stage = Stage::new();
    let (ada, sam, site) = (stage.ada.clone(), stage.sam.clone(), stage.site);
    opened(&mut stage, "greet", "");
    let place = format!("{PULLS}/1/merge");
    let wrong = json!({"sha": "0000000000000000000000000000000000000000"});
    let wrong = stage.put(&ada, &place, wrong).expect(409);
    assert_eq!(wrong["message"], "Head branch was modified. Review and try the merge again.");
    stage.put(&sam, &place, json!({})).expect(403);
    let who = person(&mut stage, "nora");
    stage.world.set_draft(site, Number(1), true, who);
    assert_eq!(stage.put(&ada, &place, json!({})).expect(405)["message"], "Pull Request is still a draft");
    stage.world.set_draft(site, Number(1), false, who);
    commit(&mut stage, "main", "greet.txt", "another\n");
    learn(&mut stage);
    assert_eq!(stage.get(&ada, &format!("{PULLS}/1")).expect(200)["mergeable"], false);
    assert_eq!(stage.put(&ada, &place, json!({})).expect(405)["message"], "Pull Request is not mergeable");
    commit(&mut stage, "greet", "greet.txt", "another\n");
    merge(&mut stage, json!({}));
    assert_eq!(stage.put(&ada, &place, json!({})).expect(405)["message"], "Pull Request is not mergeable");
}

#[test]
fn closing_words_close_issues_and_the_merge_tells() {
    let mut stage = Stage::new();
    let (nora, ada) = (stage.nora.clone(), stage.ada.clone());
    for title in ["One", "Two", "Three", "Four"] {
        stage.post(&nora, "/repos/acme/hello.site/issues", json!({ "title": title })).expect(201);
    }
    let site = stage.site;
    commit_to(&mut stage, site, "nora", "greet", "Greet\n\nresolves: acme/hello.site#2\n", ("greet.txt", "Hi\n"));
    let body = "Fixes #1. Relates to #3.\n```\ncloses #4\n```";
    let new = json!({"title": "Greet", "head": "greet", "base": "main", "body": body});
    assert_eq!(stage.post(&nora, PULLS, new).expect(201)["number"], 5);
    told(&mut stage);
    stage.put(&ada, &format!("{PULLS}/5/merge"), json!({})).expect(200);
    let mut told = told(&mut stage);
    told.sort();
    assert_eq!(told, ["issues.closed", "issues.closed", "pull_request.closed"]);
    let open: Vec<Value> = stage.get(&ada, "/repos/acme/hello.site/issues").expect(200).as_array().unwrap().clone();
    assert_eq!(open.iter().map(|issue| issue["number"].as_u64().unwrap()).collect::<Vec<_>>(), [4, 3]);
}

#[test]
fn a_merge_pushed_by_hand_counts() {
    let mut stage = Stage::new();
    let (ada, site) = (stage.ada.clone(), stage.site);
    opened(&mut stage, "greet", "");
    let (head, who) = (tip(&stage, "greet"), person(&mut stage, "ada"));
    stage.world.move_branch(site, "main", Some(head), who);
    let pull = stage.get(&ada, &format!("{PULLS}/1")).expect(200);
    assert_eq!((&pull["merged"], &pull["merged_by"]["login"]), (&json!(true), &json!("ada")));
    assert_eq!(pull["merge_commit_sha"], json!(head));
    assert_eq!(told(&mut stage), ["pull_request.opened", "pull_request.closed"]);
}

#[test]
fn a_branch_is_brought_up_to_date() {
    let mut stage = Stage::new();
    let (nora, sam) = (stage.nora.clone(), stage.sam.clone());
    opened(&mut stage, "greet", "");
    let place = format!("{PULLS}/1/update-branch");
    stage.put(&nora, &place, json!({})).expect(422);
    let (base, head) = (commit(&mut stage, "main", "more.txt", "more\n"), tip(&stage, "greet"));
    stage.put(&nora, &place, json!({"expected_head_sha": base})).expect(422);
    stage.put(&sam, &place, json!({})).expect(403);
    let wanted = expected(&stage, head, base);
    let updating = stage.put(&nora, &place, json!({"expected_head_sha": head})).expect(202);
    assert_eq!(updating["message"], "Updating pull request branch.");
    let tip = tip(&stage, "greet");
    assert_eq!(stage.world.objects().commit(tip).unwrap().parents, [head, base]);
    assert_eq!(tree(&stage, tip), wanted);
    let pull = stage.get(&nora, &format!("{PULLS}/1")).expect(200);
    assert_eq!([&pull["commits"], &pull["changed_files"]], [2, 1]);
    assert_eq!(told(&mut stage), ["pull_request.opened", "pull_request.synchronize"]);
}

/// Protects main: this check must have passed, on top of main as it is.
fn strict(stage: &mut Stage) {
    let ada = stage.ada.clone();
    let rules = json!({
        "required_status_checks": {"strict": true, "contexts": ["ci"]},
        "enforce_admins": true,
        "required_pull_request_reviews": null,
        "restrictions": null,
        "required_linear_history": true,
    });
    stage.put(&ada, "/repos/acme/hello.site/branches/main/protection", rules).expect(200);
}

fn say(stage: &mut Stage, sha: Oid, context: &str, word: &str) {
    let nora = stage.nora.clone();
    let status = json!({"state": word, "context": context});
    stage.post(&nora, &format!("/repos/acme/hello.site/statuses/{sha}"), status).expect(201);
}

#[test]
fn a_protected_base_is_merged_into_by_its_rules() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    opened(&mut stage, "greet", "");
    commit(&mut stage, "main", "more.txt", "more\n");
    strict(&mut stage);
    learn(&mut stage);
    let place = format!("{PULLS}/1/merge");
    let squash = json!({"merge_method": "squash"});
    let stands = |stage: &mut Stage| stage.get(&nora, &format!("{PULLS}/1")).expect(200)["mergeable_state"].clone();
    assert_eq!(stands(&mut stage), "blocked");
    let refused = stage.put(&ada, &place, squash.clone()).expect(405)["message"].to_string();
    assert!(refused.contains("Required status check \\\"ci\\\" is expected."), "{refused}");
    let head = tip(&stage, "greet");
    say(&mut stage, head, "ci", "success");
    assert_eq!(stands(&mut stage), "behind");
    stage.put(&ada, &place, squash.clone()).expect(405);
    stage.put(&nora, &format!("{PULLS}/1/update-branch"), json!({})).expect(202);
    learn(&mut stage);
    assert_eq!(stands(&mut stage), "blocked", "the check has not seen this head");
    let head = tip(&stage, "greet");
    say(&mut stage, head, "ci", "success");
    say(&mut stage, head, "lint", "failure");
    assert_eq!(stands(&mut stage), "unstable", "nobody requires it");
    let linear = stage.put(&ada, &place, json!({})).expect(405);
    assert_eq!(linear["message"], "This branch must not contain merge commits.");
    stage.put(&ada, &place, squash).expect(200);
}

#[test]
fn the_repositorys_settings_hold() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    let settings = json!({"allow_squash_merge": false, "allow_rebase_merge": false, "delete_branch_on_merge": true});
    stage.patch(&ada, "/repos/acme/hello.site", settings).expect(200);
    opened(&mut stage, "greet", "");
    let (site, head) = (stage.site, tip(&stage, "greet"));
    let who = person(&mut stage, "nora");
    stage.world.move_branch(site, "stacked", Some(head), who);
    commit(&mut stage, "stacked", "stacked.txt", "");
    stage.post(&nora, PULLS, json!({"title": "More", "head": "stacked", "base": "greet"})).expect(201);
    let place = format!("{PULLS}/1/merge");
    let squash = stage.put(&ada, &place, json!({"merge_method": "squash"})).expect(405);
    assert_eq!(squash["message"], "Squash merges are not allowed on this repository.");
    let rebase = stage.put(&ada, &place, json!({"merge_method": "rebase"})).expect(405);
    assert_eq!(rebase["message"], "Rebase merges are not allowed on this repository.");
    told(&mut stage);
    merge(&mut stage, json!({}));
    assert_eq!(stage.world.branch(site, "greet"), None);
    let stacked = stage.get(&nora, &format!("{PULLS}/2")).expect(200);
    assert_eq!((&stacked["state"], &stacked["base"]["ref"]), (&json!("open"), &json!("main")));
    assert_eq!(told(&mut stage), ["pull_request.closed", "pull_request.edited"]);
}
