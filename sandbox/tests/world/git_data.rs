//! Git's own data over REST: what is read is what was written, with the ids that git gives it.

use http::{
    Request,
    header::{ACCEPT, AUTHORIZATION},
};
use sandbox::{
    object::{self, Commit, Kind, Mode, Object, Oid, Signature},
    world::Input,
};
use serde_json::{Value, json};

use crate::{local::Local, stage::Stage};

const SITE: &str = "/repos/acme/hello.site";

fn git(path: &str) -> String {
    format!("{SITE}/git/{path}")
}

/// The text that is answered where another form than JSON is wanted.
pub fn text(stage: &mut Stage, path: &str, form: &str) -> String {
    let request = Request::get(path).header(ACCEPT, format!("application/vnd.github.{form}"));
    let request = request.header(AUTHORIZATION, format!("Bearer {}", stage.nora)).body(bytes::Bytes::new()).unwrap();
    let answer = stage.step(&Input::Request(request)).answer.unwrap();
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/vnd.github."), "{kind}");
    String::from_utf8(answer.body().to_vec()).unwrap()
}

#[test]
fn a_commit_is_built_from_blob_to_branch_with_the_ids_git_gives() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let before = stage.world.objects().commit(main).unwrap().tree;
    let blob = stage.post(&nora, &git("blobs"), json!({"content": "aGkK", "encoding": "base64"})).expect(201);
    assert_eq!(blob["sha"], json!(object::id(Kind::Blob, b"hi\n")));
    let items = json!([
        {"path": "a/greet.js", "mode": "100755", "type": "blob", "sha": blob["sha"]},
        {"path": "text", "mode": "100644", "type": "blob", "content": "plain"},
        {"path": "src/hello.js", "mode": "100644", "type": "blob", "sha": null},
    ]);
    let tree = stage.post(&nora, &git("trees"), json!({"base_tree": before, "tree": items})).expect(201);
    let who = json!({"name": "Nora", "email": "nora@example.com", "date": "2026-11-22T14:00:00+02:00"});
    let new = json!({"message": "Greet", "tree": tree["sha"], "parents": [main], "author": who});
    let commit = stage.post(&nora, &git("commits"), new).expect(201);
    assert_eq!(commit["committer"]["date"], "2026-11-22T12:00:00Z");

    let mut local = Local::of(&stage).objects;
    let change = |content: &'static str, mode| Some((mode, object::id(Kind::Blob, content.as_bytes())));
    let changes = [
        ("a/greet.js", change("hi\n", Mode::EXECUTABLE)),
        ("text", change("plain", Mode::FILE)),
        ("src/hello.js", None),
    ];
    let expected = local.edit(before, &changes).unwrap();
    assert_eq!(tree["sha"], json!(expected));
    let who = Signature {
        name: "Nora".into(),
        email: "nora@example.com".into(),
        seconds: 1_795_348_800,
        offset_minutes: 120,
    };
    let (author, committer, extra) = (who.clone(), who, bytes::Bytes::new());
    let made = Commit { tree: expected, parents: vec![main], author, committer, message: "Greet".into(), extra };
    assert_eq!(commit["sha"], json!(local.insert(made)));

    let new = json!({"ref": "refs/heads/rig/1", "sha": commit["sha"]});
    let made = stage.post(&nora, &git("refs"), new).expect(201);
    assert_eq!((&made["object"]["type"], &made["object"]["sha"]), (&json!("commit"), &commit["sha"]));
    assert_eq!(stage.get(&nora, &git("ref/heads/rig/1")).expect(200), made);
    assert_eq!(stage.told(), ["create", "push"]);
}

#[test]
fn a_tree_is_shown_flat_or_whole_by_whatever_names_it() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let tree = stage.world.objects().commit(main).unwrap().tree;
    let whole = stage.get(&nora, &git(&format!("trees/{tree}?recursive=1"))).expect(200);
    let paths: Vec<_> = whole["tree"].as_array().unwrap().iter().map(|item| item["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["index.html", "src", "src/hello.js"]);
    let walked = stage.world.objects().walk(tree);
    let ids: Vec<Value> = walked.iter().map(|(_, entry)| json!(entry.oid)).collect();
    assert_eq!(whole["tree"].as_array().unwrap().iter().map(|item| item["sha"].clone()).collect::<Vec<_>>(), ids);
    assert_eq!((&whole["tree"][0]["size"], &whole["tree"][1]["mode"]), (&json!(16), &json!("040000")));
    for name in ["main".to_owned(), main.to_string()] {
        let flat = stage.get(&nora, &git(&format!("trees/{name}"))).expect(200);
        assert_eq!((&flat["sha"], flat["tree"].as_array().unwrap().len()), (&json!(tree), 2));
    }
    stage.get(&nora, &git("trees/nothing")).expect(404);
    let escape = json!([{"path": "../up", "mode": "100644", "type": "blob", "content": ""}]);
    stage.post(&nora, &git("trees"), json!({"tree": escape})).expect(422);
    let (missing, wrong) = (Oid([7; 20]), json!([{"path": "a", "mode": "100644", "type": "blob", "sha": tree}]));
    stage.post(&nora, &git("trees"), json!({"tree": wrong})).expect(422);
    stage.post(&nora, &git("trees"), json!({"tree": [], "base_tree": missing})).expect(404);
}

#[test]
fn a_blob_is_read_as_base64_and_as_it_is() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    let long = "0123456789".repeat(10);
    let blob = stage.post(&nora, &git("blobs"), json!({"content": long})).expect(201);
    let place = git(&format!("blobs/{}", blob["sha"].as_str().unwrap()));
    let read = stage.get(&nora, &place).expect(200);
    let lines: Vec<_> = read["content"].as_str().unwrap().lines().map(str::len).collect();
    assert_eq!((lines, &read["size"]), (vec![60, 60, 16], &json!(100)));
    assert_eq!(text(&mut stage, &place, "raw"), long);
    stage.post(&nora, &git("blobs"), json!({"content": "!", "encoding": "base64"})).expect(422);
}

#[test]
fn references_move_only_as_they_may() {
    let mut stage = Stage::new();
    let (ada, nora, sam, main) =
        (stage.ada.clone(), stage.nora.clone(), stage.sam.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let (one, other) =
        (local.commit(&[main], "One", &[("a", Some("1"))]), local.commit(&[main], "Other", &[("a", Some("2"))]));
    local.push(&mut stage, &nora, "refs/heads/one", None, Some(one));
    local.push(&mut stage, &nora, "refs/heads/other", None, Some(other));
    let said = |told: Value| told["message"].as_str().unwrap().to_owned();
    let new = |reference: &str, sha: &str| json!({"ref": reference, "sha": sha});
    let sha = one.to_string();
    assert_eq!(
        said(stage.post(&nora, &git("refs"), new("refs/heads/one", &sha)).expect(422)),
        "Reference already exists"
    );
    stage.post(&nora, &git("refs"), new("heads/x", &sha)).expect(422);
    stage.post(&nora, &git("refs"), new("refs/heads/a..b", &sha)).expect(422);
    stage.post(&nora, &git("refs"), new("refs/heads/one/two", &sha)).expect(422);
    stage.post(&nora, &git("refs"), new("refs/heads/x", &"7".repeat(40))).expect(422);
    stage.post(&sam, &git("refs"), new("refs/heads/x", &sha)).expect(403);
    let told = stage.patch(&nora, &git("refs/heads/one"), json!({"sha": other.to_string()})).expect(422);
    assert_eq!(said(told), "Update is not a fast forward");
    stage.patch(&nora, &git("refs/heads/one"), json!({"sha": other.to_string(), "force": true})).expect(200);
    assert_eq!(stage.branch("one"), Some(other));
    let matching = stage.get(&nora, &git("matching-refs/heads/o")).expect(200);
    assert_eq!(matching.as_array().unwrap().len(), 2);
    stage.delete(&nora, &git("refs/heads/other")).expect(204);
    stage.delete(&nora, &git("refs/heads/other")).expect(422);
    stage.delete(&ada, &git("refs/heads/main")).expect(422);
    stage.get(&nora, &git("ref/heads/oth")).expect(404);
    assert_eq!(stage.branch("main"), Some(main));
}

#[test]
fn a_protected_branch_does_not_move_by_request() {
    let mut stage = Stage::new();
    let (ada, nora, main) = (stage.ada.clone(), stage.nora.clone(), stage.branch("main").unwrap());
    let checks = json!({"strict": false, "contexts": ["test"]});
    let protection = json!({"required_status_checks": checks, "enforce_admins": null,
        "required_pull_request_reviews": null, "restrictions": null});
    stage.put(&ada, &format!("{SITE}/branches/main/protection"), protection).expect(200);
    let mut local = Local::of(&stage);
    let new = local.commit(&[main], "New", &[("a", Some("1"))]);
    local.push(&mut stage, &nora, "refs/heads/new", None, Some(new));
    let told = stage.patch(&nora, &git("refs/heads/main"), json!({"sha": new.to_string()})).expect(422);
    assert_eq!(told["message"], "Required status check \"test\" is expected.");
    assert_eq!(stage.branch("main"), Some(main));
    let branches = stage.get(&nora, &format!("{SITE}/branches?protected=true")).expect(200);
    assert_eq!((branches.as_array().unwrap().len(), &branches[0]["name"]), (1, &json!("main")));
    assert_eq!(branches[0]["protection"]["required_status_checks"]["contexts"], json!(["test"]));
}

#[test]
fn an_annotated_tag_is_made_named_and_listed() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let new = json!({"tag": "v1", "message": "First", "object": main.to_string(), "type": "commit"});
    let tag = stage.post(&nora, &git("tags"), new).expect(201);
    let sha = tag["sha"].as_str().unwrap().to_owned();
    let Some(Object::Tag(made)) = stage.world.objects().get(sha.parse().unwrap()).cloned() else { panic!("no tag") };
    assert!(made.raw.starts_with(format!("object {main}\ntype commit\ntag v1\ntagger nora <").as_bytes()));
    assert_eq!(stage.get(&nora, &git(&format!("tags/{sha}"))).expect(200), tag);
    stage.post(&nora, &git("refs"), json!({"ref": "refs/tags/v1", "sha": sha})).expect(201);
    let tags = stage.get(&nora, &format!("{SITE}/tags")).expect(200);
    assert_eq!((&tags[0]["name"], &tags[0]["commit"]["sha"]), (&json!("v1"), &json!(main)));
    let wrong = json!({"tag": "v2", "message": "", "object": main.to_string(), "type": "tree"});
    stage.post(&nora, &git("tags"), wrong).expect(422);
}

#[test]
fn commits_are_listed_by_branch_path_author_and_time() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let one = local.commit(&[main], "One", &[("src/a", Some("1"))]);
    let two = local.commit(&[one], "Two", &[("b", Some("1"))]);
    local.push(&mut stage, &nora, "refs/heads/rig/1", None, Some(two));
    let mut ids = |query: &str| {
        let list = stage.get(&nora, &format!("{SITE}/commits{query}")).expect(200);
        list.as_array().unwrap().iter().map(|commit| commit["sha"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let text = |ids: &[Oid]| ids.iter().map(Oid::to_string).collect::<Vec<_>>();
    assert_eq!(ids(""), text(&[main]));
    assert_eq!(ids("?sha=rig/1"), text(&[two, one, main]));
    assert_eq!(ids("?sha=rig/1&path=src"), text(&[one, main]));
    assert_eq!(ids("?sha=rig/1&path=src/a"), text(&[one]));
    assert_eq!(ids("?sha=rig/1&author=nora@example.com"), text(&[two, one]));
    assert_eq!(ids("?sha=rig/1&author=acme"), text(&[main]));
    assert_eq!(ids("?sha=rig/1&since=2026-11-22T12:01:00Z"), text(&[two]));
    assert_eq!(ids("?sha=rig/1&until=2026-11-22T12:00:00Z"), text(&[one, main]));
    assert_eq!(ids("?sha=rig/1&per_page=1&page=2"), text(&[one]));
    stage.get(&nora, &format!("{SITE}/commits?sha=nothing")).expect(404);
}

#[test]
fn a_commit_is_shown_with_what_it_changed_in_every_form() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let one = local.commit(&[main], "Greet", &[("index.html", Some("<h1>Hi!</h1>\n")), ("b", Some("1\n2\n"))]);
    local.push(&mut stage, &nora, "refs/heads/rig/1", None, Some(one));
    let place = format!("{SITE}/commits/{}", one.short());
    let shown = stage.get(&nora, &place).expect(200);
    assert_eq!((&shown["sha"], &shown["stats"]), (&json!(one), &json!({"additions": 3, "deletions": 1, "total": 4})));
    assert_eq!((&shown["files"][0]["filename"], &shown["files"][0]["status"]), (&json!("b"), &json!("added")));
    assert_eq!(shown["files"][1]["patch"], "@@ -1 +1 @@\n-<h1>Hello!</h1>\n+<h1>Hi!</h1>");
    assert_eq!(stage.get(&nora, &format!("{SITE}/commits/rig/1")).expect(200), shown);
    assert_eq!(text(&mut stage, &format!("{SITE}/commits/rig%2F1"), "sha"), one.to_string());
    let objects = stage.world.objects().clone();
    let trees = [main, one].map(|commit| objects.commit(commit).unwrap().tree);
    assert_eq!(text(&mut stage, &place, "v3.diff"), object::unified(&objects.diff(trees[0], trees[1])));
    assert_eq!(text(&mut stage, &place, "patch"), objects.format_patch(one).unwrap());
    let said = stage.get(&nora, &format!("{SITE}/commits/nothing")).expect(422);
    assert_eq!(said["message"], "No commit found for SHA: nothing");
    stage.get(&nora, &git(&format!("commits/{one}"))).expect(200);
    stage.get(&nora, &git(&format!("commits/{}", Oid([7; 20])))).expect(404);
}

#[test]
fn two_commits_are_compared_from_where_they_parted() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let ours = local.commit(&[main], "Ours", &[("ours", Some("1\n"))]);
    let one = local.commit(&[main], "One", &[("theirs", Some("1\n"))]);
    let two = local.commit(&[one], "Two", &[("theirs", Some("2\n"))]);
    let alone = local.commit(&[], "Alone", &[("x", Some(""))]);
    local.push(&mut stage, &nora, "refs/heads/main", Some(main), Some(ours));
    local.push(&mut stage, &nora, "refs/heads/rig/1", None, Some(two));
    local.push(&mut stage, &nora, "refs/heads/alone", None, Some(alone));
    let mut compare = |basehead: &str| stage.get(&nora, &format!("{SITE}/compare/{basehead}")).expect(200);
    let shown = compare("main...rig/1");
    assert_eq!((&shown["status"], &shown["ahead_by"], &shown["behind_by"]), (&json!("diverged"), &json!(2), &json!(1)));
    assert_eq!((&shown["merge_base_commit"]["sha"], &shown["base_commit"]["sha"]), (&json!(main), &json!(ours)));
    assert_eq!((&shown["commits"][0]["sha"], &shown["commits"][1]["sha"]), (&json!(one), &json!(two)), "oldest first");
    assert_eq!((shown["files"].as_array().unwrap().len(), &shown["files"][0]["filename"]), (1, &json!("theirs")));
    assert_eq!(compare(&format!("{main}...acme:rig/1"))["status"], "ahead");
    assert_eq!(compare(&format!("main...{main}"))["status"], "behind");
    assert_eq!(compare("main...main")["status"], "identical");
    assert_eq!(compare("main...rig/1?per_page=1&page=2")["commits"][0]["sha"], json!(two));
    let objects = stage.world.objects().clone();
    let trees = [main, two].map(|commit| objects.commit(commit).unwrap().tree);
    let place = format!("{SITE}/compare/main...rig/1");
    assert_eq!(text(&mut stage, &place, "diff"), object::unified(&objects.diff(trees[0], trees[1])));
    assert_eq!(text(&mut stage, &place, "patch"), objects.format_patches(&[one, two]));
    let told = stage.get(&nora, &format!("{SITE}/compare/main...alone")).expect(404);
    assert_eq!(told["message"], "No common ancestor between main and alone.");
    stage.get(&nora, &format!("{SITE}/compare/main...nothing")).expect(404);
}

#[test]
fn branches_are_listed_and_shown() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    Local::of(&stage).push(&mut stage, &nora, "refs/heads/rig/1", None, Some(main));
    let list = stage.get(&nora, &format!("{SITE}/branches")).expect(200);
    assert_eq!(
        (&list[0]["name"], &list[1]["name"], &list[0]["protected"]),
        (&json!("main"), &json!("rig/1"), &json!(false))
    );
    let shown = stage.get(&nora, &format!("{SITE}/branches/rig/1")).expect(200);
    assert_eq!((&shown["name"], &shown["commit"]["sha"]), (&json!("rig/1"), &json!(main)));
    assert_eq!(stage.get(&nora, &format!("{SITE}/branches/none")).expect(404)["message"], "Branch not found");
}
