//! Files over REST: each that is written or removed is a commit, and what is read is what git holds.

use base64::{Engine, prelude::BASE64_STANDARD};
use sandbox::{
    object::{self, Change, Commit, Kind, Mode, Object, Oid, Signature},
    world::Merged,
};
use serde_json::{Value, json};

use crate::{git_data::text, local::Local, stage::Stage};

const SITE: &str = "/repos/acme/hello.site";

fn at(path: &str) -> String {
    format!("{SITE}/contents/{path}")
}

fn base64(content: &str) -> String {
    BASE64_STANDARD.encode(content)
}

#[test]
fn a_file_comes_changes_and_goes_by_a_commit_each() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let new = json!({"message": "Add a", "content": base64("one\n")});
    let made = stage.put(&nora, &at("dir/a.txt"), new).expect(201);
    assert_eq!(made["content"]["sha"], json!(object::id(Kind::Blob, b"one\n")));
    let first = stage.branch("main").unwrap();
    assert_eq!((&made["commit"]["sha"], &made["commit"]["parents"][0]["sha"]), (&json!(first), &json!(main)));
    let commit = stage.world.objects().commit(first).unwrap().clone();
    assert_eq!(
        (commit.message.as_str(), commit.author.name.as_str(), commit.committer.name.as_str()),
        ("Add a", "nora", "nora")
    );
    let change = json!({"message": "Change a", "content": base64("two\n"), "sha": made["content"]["sha"],
        "author": {"name": "Sam", "email": "sam@example.com"}});
    let changed = stage.put(&nora, &at("dir/a.txt"), change).expect(200);
    assert_eq!(
        (&changed["commit"]["author"]["name"], &changed["commit"]["committer"]["name"]),
        (&json!("Sam"), &json!("nora"))
    );
    let read = stage.get(&nora, &at("dir/a.txt")).expect(200);
    assert_eq!((&read["content"], &read["sha"]), (&json!("dHdvCg==\n"), &changed["content"]["sha"]));
    assert_eq!(stage.get(&nora, &at(&format!("dir/a.txt?ref={first}"))).expect(200)["content"], "b25lCg==\n");
    let gone = json!({"message": "Remove a", "sha": read["sha"]});
    let gone = stage.ask("DELETE", &nora, &at("dir/a.txt"), Some(&gone)).expect(200);
    assert_eq!(gone["content"], Value::Null);
    stage.get(&nora, &at("dir/a.txt")).expect(404);
    stage.get(&nora, &at("dir")).expect(404);
    let tip = stage.branch("main").unwrap();
    let tree = |commit| stage.world.objects().commit(commit).unwrap().tree;
    assert_eq!(tree(tip), tree(main), "what came has gone again");
    assert_eq!(stage.told(), ["push", "push", "push"]);
}

#[test]
fn who_has_not_seen_what_stands_there_does_not_write() {
    let mut stage = Stage::new();
    let (nora, sam, main) = (stage.nora.clone(), stage.sam.clone(), stage.branch("main").unwrap());
    let said = |told: Value| told["message"].as_str().unwrap().to_owned();
    let wish = |sha: Option<String>| json!({"message": "Change", "content": base64("x"), "sha": sha});
    let without = json!({"message": "Change", "content": base64("x")});
    let told = stage.put(&nora, &at("index.html"), without.clone()).expect(422);
    assert_eq!(said(told), "Invalid request.\n\n\"sha\" wasn't supplied.");
    let wrong = Oid([7; 20]).to_string();
    let told = stage.put(&nora, &at("index.html"), wish(Some(wrong.clone()))).expect(409);
    assert_eq!(said(told), format!("index.html does not match {wrong}"));
    let remove = json!({"message": "Remove", "sha": wrong});
    stage.ask("DELETE", &nora, &at("index.html"), Some(&remove)).expect(409);
    stage.ask("DELETE", &nora, &at("nothing"), Some(&remove)).expect(404);
    stage.put(&sam, &at("new"), without.clone()).expect(403);
    stage.put("", &at("new"), without.clone()).expect(401);
    stage.put(&nora, &at("src"), without.clone()).expect(422);
    stage.put(&nora, &at("index.html/below"), without.clone()).expect(422);
    stage.put(&nora, &at(".git/config"), without).expect(422);
    stage.put(&nora, &at("new"), json!({"message": "New", "content": "?"})).expect(422);
    stage.put(&nora, &at("new"), json!({"message": "New", "content": "", "branch": "none"})).expect(404);
    assert_eq!((stage.branch("main"), stage.told().len()), (Some(main), 0));
}

#[test]
fn a_protected_branch_is_not_written_to() {
    let mut stage = Stage::new();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    let protection = json!({"required_status_checks": null, "enforce_admins": null, "restrictions": null,
        "required_pull_request_reviews": {"required_approving_review_count": 1}});
    stage.put(&ada, &format!("{SITE}/branches/main/protection"), protection).expect(200);
    let new = json!({"message": "Add", "content": ""});
    let told = stage.put(&nora, &at("new"), new.clone()).expect(409);
    assert_eq!(told["message"], "Could not create file: Changes must be made through a pull request.");
    stage.put(&ada, &at("new"), new).expect(201);
}

#[test]
fn directories_links_and_submodules_are_shown_for_what_they_are() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let commit = linked(&mut local, main);
    local.push(&mut stage, &nora, "refs/heads/main", Some(main), Some(commit));
    let root = stage.get(&nora, &at("")).expect(200);
    assert_eq!(stage.get(&nora, &format!("{SITE}/contents")).expect(200), root);
    let kinds: Vec<_> = root
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["name"].as_str().unwrap(), item["type"].as_str().unwrap()))
        .collect();
    assert_eq!(
        kinds,
        [
            (".gitmodules", "file"),
            ("index.html", "file"),
            ("lib", "file"),
            ("link", "symlink"),
            ("lost", "symlink"),
            ("src", "dir")
        ]
    );
    let names = |list: Value| list.as_array().unwrap().iter().map(|item| item["path"].clone()).collect::<Vec<_>>();
    assert_eq!(names(stage.get(&nora, &at("src")).expect(200)), ["src/hello.js"]);
    let file = stage.get(&nora, &at("src/hello.js")).expect(200);
    let followed = stage.get(&nora, &at("link")).expect(200);
    assert_eq!((&followed["type"], &followed["content"]), (&json!("file"), &file["content"]));
    assert_eq!(stage.get(&nora, &at("lost")).expect(200)["target"], "../outside");
    let module = stage.get(&nora, &at("lib")).expect(200);
    assert_eq!(
        (&module["type"], &module["submodule_git_url"]),
        (&json!("submodule"), &json!("https://example.com/lib.git"))
    );
    assert_eq!(text(&mut stage, &at("index.html"), "raw"), "<h1>Hello!</h1>\n");
    let object: Value = serde_json::from_str(&text(&mut stage, &at("src"), "object")).unwrap();
    assert_eq!((&object["type"], &object["entries"][0]["name"]), (&json!("dir"), &json!("hello.js")));
    let told = stage.get(&nora, &at("src?ref=nothing")).expect(404);
    assert_eq!(told["message"], "No commit found for the ref nothing");
}

/// A commit with a link, one that leads out, and a submodule.
fn linked(local: &mut Local, on: Oid) -> Oid {
    let mut blob = |content: &'static str| local.objects.insert(Object::Blob(content.into()));
    let modules = "[submodule \"lib\"]\n\tpath = lib\n\turl = https://example.com/lib.git\n";
    let changes: [(&str, Change); 4] = [
        ("link", Some((Mode::SYMLINK, blob("./src/../src/hello.js")))),
        ("lost", Some((Mode::SYMLINK, blob("../outside")))),
        (".gitmodules", Some((Mode::FILE, blob(modules)))),
        ("lib", Some((Mode::SUBMODULE, Oid([7; 20])))),
    ];
    let tree = local.objects.commit(on).unwrap().tree;
    let tree = local.objects.edit(tree, &changes).unwrap();
    let author = Signature { name: "Nora".into(), email: "nora@example.com".into(), seconds: 1, offset_minutes: 0 };
    let (committer, extra) = (author.clone(), bytes::Bytes::new());
    local.objects.insert(Commit { tree, parents: vec![on], author, committer, message: "Link".into(), extra })
}

#[test]
fn a_branch_is_merged_into_another() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let ours = local.commit(&[main], "Ours", &[("ours", Some("1\n"))]);
    let theirs = local.commit(&[main], "Theirs", &[("theirs", Some("1\n"))]);
    let against = local.commit(&[main], "Against", &[("ours", Some("2\n"))]);
    local.push(&mut stage, &nora, "refs/heads/main", Some(main), Some(ours));
    local.push(&mut stage, &nora, "refs/heads/rig/1", None, Some(theirs));
    local.push(&mut stage, &nora, "refs/heads/against", None, Some(against));
    let merges = format!("{SITE}/merges");
    let merge = |head: &str| json!({"base": "main", "head": head});
    let merged = stage.post(&nora, &merges, merge("rig/1")).expect(201);
    assert_eq!(merged["commit"]["message"], "Merge rig/1 into main");
    let commit = stage.world.objects().commit(stage.branch("main").unwrap()).unwrap().clone();
    assert_eq!((json!(commit.parents), &merged["sha"]), (json!([ours, theirs]), &json!(stage.branch("main"))));
    let both = local.commit(&[ours, theirs], "", &[("theirs", Some("1\n"))]);
    assert_eq!(commit.tree, local.objects.commit(both).unwrap().tree);
    stage.post(&nora, &merges, merge("rig/1")).expect(204);
    assert_eq!(stage.post(&nora, &merges, merge("against")).expect(409)["message"], "Merge conflict");
    assert_eq!(stage.post(&nora, &merges, merge("none")).expect(404)["message"], "Head does not exist");
    let question = sandbox::world::Question::Merge { repository: stage.site, ours, theirs };
    assert_eq!(stage.world.merge_by_path(question), Merged::Tree(commit.tree));
}

#[test]
fn whatever_is_written_is_what_is_read() {
    let mut stage = Stage::new();
    let nora = stage.nora.clone();
    let mut local = Local::of(&stage);
    let mut expected = local.objects.commit(stage.branch("main").unwrap()).unwrap().tree;
    // A fixed walk over a few paths: each step writes, changes or removes a file.
    let (paths, mut step) = (["a", "b/c", "b/d/e", "index.html", "src/hello.js"], 1_u64);
    for n in 0..60 {
        step = step.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let path = paths[usize::try_from(step >> 33).unwrap() % paths.len()];
        let known = stage.get(&nora, &at(path));
        let sha = (known.status == 200).then(|| known.json["sha"].clone());
        let remove = sha.is_some() && n % 3 == 0;
        let content = format!("{n}\n");
        let mut wish = json!({"message": format!("Step {n}")});
        if let Some(sha) = &sha {
            wish["sha"] = sha.clone();
        }
        let change: Change = if remove {
            stage.ask("DELETE", &nora, &at(path), Some(&wish)).expect(200);
            None
        } else {
            wish["content"] = base64(&content).into();
            stage.put(&nora, &at(path), wish).expect(if sha.is_some() { 200 } else { 201 });
            Some((Mode::FILE, local.objects.insert(Object::Blob(content.into()))))
        };
        expected = local.objects.edit(expected, &[(path, change)]).unwrap();
        let tip = stage.branch("main").unwrap();
        assert_eq!(stage.world.objects().commit(tip).unwrap().tree, expected, "step {n}: {path}");
    }
    let log = stage.world.objects().log(stage.branch("main").unwrap(), &[]);
    assert_eq!(log.len(), 61);
    assert_eq!(stage.told().len(), 60);
}
