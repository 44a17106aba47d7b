//! What a push does, what it may not do, and what is told of it.

use sandbox::{
    object::Oid,
    world::{Access, Command, Effect, Entry, Kind, NewRepository, Permission},
};
use serde_json::{Value, json};

use crate::{local::Local, played_app::played, stage::Stage};

const MAIN: &str = "refs/heads/main";

fn told_of(stage: &mut Stage, event: &str) -> Value {
    let post = stage.posts.iter().rfind(|post| post.headers["x-github-event"] == event).expect("it was told");
    serde_json::from_slice(&post.body).unwrap()
}

#[test]
fn a_push_moves_a_branch_and_tells_of_its_commits() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let one = local.commit(&[main], "Greet", &[("greet.js", Some("hi\n")), ("src/hello.js", None)]);
    let two = local.commit(&[one], "Greet louder", &[("greet.js", Some("HI\n"))]);
    assert_eq!(local.push(&mut stage, &nora, MAIN, Some(main), Some(two)), "ok");
    assert_eq!(stage.branch("main"), Some(two));
    let moved = Effect::Move { repository: stage.site, references: vec![(MAIN.into(), Some(two))] };
    assert_eq!(stage.effects, [moved]);
    let push = told_of(&mut stage, "push");
    assert_eq!(stage.told(), ["push"]);
    assert_eq!((&push["before"], &push["after"]), (&json!(main), &json!(two)));
    assert_eq!((&push["created"], &push["deleted"], &push["forced"]), (&json!(false), &json!(false), &json!(false)));
    let ids: Vec<_> = push["commits"].as_array().unwrap().iter().map(|commit| commit["id"].clone()).collect();
    assert_eq!(ids, [json!(one), json!(two)], "oldest first");
    let first = &push["commits"][0];
    assert_eq!((&first["added"], &first["removed"]), (&json!(["greet.js"]), &json!(["src/hello.js"])));
    assert_eq!(first["author"]["date"], "2026-11-22T14:00:00+02:00");
    assert_eq!((&push["head_commit"]["id"], &push["head_commit"]["modified"]), (&json!(two), &json!(["greet.js"])));
    assert_eq!((&push["pusher"]["name"], &push["sender"]["login"]), (&json!("nora"), &json!("nora")));
}

#[test]
fn a_branch_comes_is_forced_and_goes() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let (branch, tag) = ("refs/heads/rig/1-greet", "refs/tags/v1");
    assert_eq!(local.push(&mut stage, &nora, branch, None, Some(main)), "ok");
    let push = told_of(&mut stage, "push");
    assert_eq!((&push["base_ref"], &push["commits"], &push["created"]), (&json!(MAIN), &json!([]), &json!(true)));
    assert_eq!((&push["before"], &push["head_commit"]["id"]), (&json!(Oid::ZERO), &json!(main)));
    let other = local.commit(&[], "Another beginning", &[("index.html", Some("!"))]);
    assert_eq!(local.push(&mut stage, &nora, branch, Some(main), Some(other)), "ok");
    assert_eq!(told_of(&mut stage, "push")["forced"], true);
    assert_eq!(local.push(&mut stage, &nora, tag, None, Some(main)), "ok");
    assert_eq!(told_of(&mut stage, "create")["ref_type"], "tag");
    assert_eq!(local.push(&mut stage, &nora, branch, Some(other), None), "ok");
    let push = told_of(&mut stage, "push");
    assert_eq!(
        (&push["after"], &push["deleted"], &push["head_commit"]),
        (&json!(Oid::ZERO), &json!(true), &json!(null))
    );
    assert_eq!(told_of(&mut stage, "delete")["ref"], "rig/1-greet");
    assert_eq!(stage.told(), ["create", "push", "push", "create", "push", "delete", "push"]);
}

#[test]
fn commits_that_another_branch_has_are_not_distinct() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let new = local.commit(&[main], "New", &[("a", Some("a"))]);
    local.push(&mut stage, &nora, "refs/heads/topic", None, Some(new));
    assert_eq!(told_of(&mut stage, "push")["commits"][0]["distinct"], true);
    local.push(&mut stage, &nora, MAIN, Some(main), Some(new));
    let push = told_of(&mut stage, "push");
    assert_eq!((push["commits"].as_array().unwrap().len(), &push["commits"][0]["distinct"]), (1, &json!(false)));
}

#[test]
fn a_long_push_tells_of_its_last_2048_commits() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let tip = (0..2100).fold(main, |tip, n| local.commit(&[tip], &n.to_string(), &[]));
    assert_eq!(local.push(&mut stage, &nora, MAIN, Some(main), Some(tip)), "ok");
    let push = told_of(&mut stage, "push");
    let commits = push["commits"].as_array().unwrap();
    assert_eq!((commits.len(), &commits[2047]["id"]), (2048, &json!(tip)));
}

#[test]
fn what_a_push_may_not_do_is_refused_and_moves_nothing() {
    let mut stage = Stage::new();
    let (nora, sam, main) = (stage.nora.clone(), stage.sam.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let new = local.commit(&[main], "New", &[("a", Some("a"))]);
    let tree = local.objects.commit(new).unwrap().tree;
    let (there, nowhere) = (Some(main), Some(Oid([7; 20])));
    for (token, reference, before, after, reason) in [
        (&sam, MAIN, there, Some(new), "permission denied"),
        (&String::new(), MAIN, there, Some(new), "permission denied"),
        (&nora, MAIN, None, Some(new), "cannot lock ref 'refs/heads/main': reference already exists"),
        (&nora, MAIN, nowhere, Some(new), "cannot lock ref 'refs/heads/main': is at "),
        (&nora, MAIN, there, None, "refusing to delete the current branch: refs/heads/main"),
        (&nora, MAIN, there, nowhere, "missing necessary objects"),
        (&nora, "refs/heads/tree", None, Some(tree), "cannot update ref 'refs/heads/tree': trying to write non-commit"),
        (&nora, "refs/heads/main/b", None, Some(new), "cannot lock ref 'refs/heads/main/b': 'refs/heads/main' exists"),
        (&nora, "refs/heads/a..b", None, Some(new), "funny refname"),
        (&nora, "refs/pull/1/head", None, Some(new), "deny updating a hidden ref"),
        (&nora, "refs/heads/gone", there, None, "cannot lock ref 'refs/heads/gone': unable to resolve"),
        (&nora, &format!("refs/heads/{main}"), None, Some(new), "GH002"),
    ] {
        let said = local.push(&mut stage, token, reference, before, after);
        assert!(said.starts_with(reason), "{reference}: {said}");
    }
    assert_eq!((stage.branch("main"), stage.told(), stage.effects.len()), (there, vec![], 0));
}

#[test]
fn a_protected_branch_says_why_it_does_not_move() {
    let mut stage = Stage::new();
    let (ada, nora, main) = (stage.ada.clone(), stage.nora.clone(), stage.branch("main").unwrap());
    let protection = json!({
        "required_status_checks": {"strict": false, "contexts": ["test"]},
        "enforce_admins": true,
        "required_pull_request_reviews": null,
        "restrictions": null,
    });
    stage.put(&ada, "/repos/acme/hello.site/branches/main/protection", protection).expect(200);
    let mut local = Local::of(&stage);
    let new = local.commit(&[main], "New", &[("a", Some("a"))]);
    assert_eq!(local.push(&mut stage, &nora, MAIN, Some(main), Some(new)), "protected branch hook declined");
    let said = [
        "error: GH006: Protected branch update failed for refs/heads/main.",
        "",
        "- Required status check \"test\" is expected.",
    ];
    assert_eq!((local.messages.as_slice(), stage.branch("main")), (said.map(String::from).as_slice(), Some(main)));
}

#[test]
fn an_atomic_push_is_done_whole_or_not_at_all() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let new = local.commit(&[main], "New", &[("a", Some("a"))]);
    let command = |name: &str, before| Command { reference: name.into(), before, after: Some(new) };
    let commands = vec![command(MAIN, Some(main)), command("refs/heads/x", Some(main))];
    let said = local.push_all(&mut stage, &nora, commands.clone(), true);
    assert_eq!((said[0].as_str(), stage.branch("main")), ("atomic push failure", Some(main)));
    let said = local.push_all(&mut stage, &nora, commands, false);
    assert_eq!((said[0].as_str(), stage.branch("main")), ("ok", Some(new)));
    assert!(said[1].starts_with("cannot lock ref"), "{}", said[1]);
}

#[test]
fn of_more_than_three_tags_at_once_nobody_is_told() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let tag = |n: u8| Command { reference: format!("refs/tags/v{n}"), before: None, after: Some(main) };
    let said = Local::of(&stage).push_all(&mut stage, &nora, (1..=4).map(tag).collect(), false);
    assert_eq!((said, stage.told().len()), (vec!["ok".to_owned(); 4], 0));
}

#[test]
fn a_git_client_is_let_in_or_told_why_not() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    let person = stage.world.account("ada", Kind::User);
    let secret = stage.world.repository(&NewRepository {
        owner: person,
        name: "secret",
        private: true,
        files: &[],
        collaborators: std::collections::BTreeMap::new(),
    });
    let (now, site) = (stage.now, stage.site);
    let mut ask = |owner: &str, name: &str, access, token: &str| {
        let header = (!token.is_empty()).then(|| format!("Bearer {token}"));
        stage.world.entry(now, owner, name, access, header.as_deref())
    };
    let (read, write) = (Access::Read, Access::Write);
    assert_eq!(ask("acme", "hello.site", read, ""), Entry::Granted(site));
    assert_eq!(ask("ACME", "Hello.Site", write, &ada), Entry::Granted(site));
    assert_eq!(ask("acme", "hello.site", write, ""), Entry::Unknown);
    assert_eq!(ask("acme", "hello.site", read, "ghp_void"), Entry::Unknown);
    let denied = "Permission to acme/hello.site.git denied to sam.";
    assert_eq!(ask("acme", "hello.site", write, &sam), Entry::Denied(denied.into()));
    assert_eq!(ask("ada", "secret", read, &ada), Entry::Granted(secret));
    assert_eq!(ask("ada", "secret", read, &sam), Entry::Hidden);
    assert_eq!(ask("ada", "secret", read, ""), Entry::Unknown);
    assert_eq!(ask("acme", "nothing", read, &ada), Entry::Hidden);
}

#[test]
fn an_app_writes_workflows_only_with_their_permission() {
    let mut stage = Stage::new();
    let (nora, main) = (stage.nora.clone(), stage.branch("main").unwrap());
    let mut local = Local::of(&stage);
    let flow = local.commit(&[main], "Flow", &[(".github/workflows/ci.yml", Some("on: push\n"))]);
    let plain = local.commit(&[main], "Plain", &[("a", Some("a"))]);
    let merge = local.commit(&[plain, flow], "Merge", &[(".github/workflows/ci.yml", Some("on: push\n"))]);
    let may = |further: &[(Permission, Access)]| [&[(Permission::Contents, Access::Write)], further].concat();
    let robin = played(&mut stage, "Robin", &may(&[]), &[]).token(&mut stage, json!({}));
    let wren = played(&mut stage, "Wren", &may(&[(Permission::Workflows, Access::Write)]), &[]);
    let wren = wren.token(&mut stage, json!({}));
    let (x, y) = ("refs/heads/x", "refs/heads/y");
    let said = local.push(&mut stage, &robin, x, None, Some(flow));
    let reason = "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without";
    assert!(said.starts_with(reason), "{said}");
    assert_eq!(local.push(&mut stage, &robin, x, None, Some(plain)), "ok");
    let file = json!({"message": "Flow", "content": "b246IHB1c2gK", "branch": "x"});
    let place = "/repos/acme/hello.site/contents/.github/workflows/other.yml";
    let told = stage.put(&robin, place, file.clone()).expect(403);
    assert_eq!(told["message"], "Resource not accessible by integration");
    assert_eq!(local.push(&mut stage, &nora, y, None, Some(flow)), "ok");
    assert_eq!(local.push(&mut stage, &robin, x, Some(plain), Some(merge)), "ok", "a person's workflow is merged");
    stage.put(&wren, place, file).expect(201);
    assert_eq!(told_of(&mut stage, "push")["pusher"]["name"], "wren[bot]");
}
