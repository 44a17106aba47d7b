//! Git's objects are those of their own repository and its forks: elsewhere their ids name nothing.

use std::collections::BTreeMap;

use sandbox::{
    object::Oid,
    world::{NewRepository, RepositoryId, Role},
};
use serde_json::{Value, json};

use crate::{
    rounds::{commit_to, person},
    stage::Stage,
};

const SITE: &str = "/repos/acme/hello.site";
const HIDDEN: &str = "/repos/acme/hidden";

/// What ada's private repository has that no other has.
struct Secret {
    blob: String,
    tree: String,
    commit: String,
    tag: String,
}

/// A private repository of acme's, with ids that ada may read there.
fn secret(stage: &mut Stage) -> Secret {
    let (ada, who) = (stage.ada.clone(), person(stage, "ada"));
    stage.world.repository(&NewRepository {
        owner: stage.acme,
        name: "hidden",
        private: true,
        files: &[("plan.txt", b"The plan\n")],
        collaborators: BTreeMap::from([(who, Role::Admin)]),
    });
    let commit = text(&stage.get(&ada, &format!("{HIDDEN}/branches/main")).expect(200)["commit"]["sha"]);
    let tree = stage.get(&ada, &format!("{HIDDEN}/git/trees/{commit}")).expect(200);
    let new = json!({"tag": "v1", "message": "One", "object": commit, "type": "commit"});
    let tag = stage.post(&ada, &format!("{HIDDEN}/git/tags"), new).expect(201);
    Secret { blob: text(&tree["tree"][0]["sha"]), tree: text(&tree["sha"]), commit, tag: text(&tag["sha"]) }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Every way to read by an id.
fn reads(at: &str, secret: &Secret) -> Vec<String> {
    let Secret { blob, tree, commit, tag } = secret;
    let ways = [
        format!("git/blobs/{blob}"),
        format!("git/trees/{tree}"),
        format!("git/trees/{commit}"),
        format!("git/trees/{tag}"),
        format!("git/commits/{commit}"),
        format!("git/tags/{tag}"),
        format!("commits/{commit}"),
        format!("commits/{tag}"),
        format!("commits?sha={commit}"),
        format!("contents/plan.txt?ref={commit}"),
        format!("contents/?ref={commit}"),
        format!("commits/{commit}/pulls"),
        format!("commits/{commit}/status"),
        format!("commits/{commit}/statuses"),
        format!("commits/{commit}/check-runs"),
        format!("commits/{commit}/check-suites"),
        format!("compare/{commit}...{commit}"),
        format!("compare/main...{commit}"),
    ];
    ways.into_iter().map(|way| format!("{at}/{way}")).collect()
}

#[test]
fn an_id_of_a_private_repository_reads_nothing_elsewhere() {
    let mut stage = Stage::new();
    let (ada, secret) = (stage.ada.clone(), secret(&mut stage));
    for way in reads(SITE, &secret) {
        let status = stage.get(&ada, &way).status;
        let refused = if way.contains("/commits/") && !way.contains("/git/") { 422 } else { 404 };
        assert_eq!(status, refused, "{way}");
    }
    for way in reads(HIDDEN, &secret).into_iter().filter(|way| !way.contains("main...")) {
        assert_eq!(stage.get(&ada, &way).status, 200, "{way}");
    }
}

#[test]
fn an_id_of_a_private_repository_is_not_brought_in_by_its_name() {
    let mut stage = Stage::new();
    let (ada, secret) = (stage.ada.clone(), secret(&mut stage));
    let Secret { blob, tree, commit, tag } = &secret;
    let entry = |sha: &str, mode: &str, kind: &str| json!([{"path": "a", "mode": mode, "type": kind, "sha": sha}]);
    let main = stage.world.branch(stage.site, "main").unwrap();
    let ways = [
        ("git/refs", json!({"ref": "refs/heads/taken", "sha": commit})),
        ("git/refs", json!({"ref": "refs/tags/taken", "sha": tag})),
        ("git/trees", json!({"tree": entry(blob, "100644", "blob")})),
        ("git/trees", json!({"tree": entry(tree, "040000", "tree")})),
        ("git/trees", json!({"base_tree": tree, "tree": []})),
        ("git/trees", json!({"base_tree": commit, "tree": []})),
        ("git/commits", json!({"message": "Take", "tree": tree})),
        ("git/commits", json!({"message": "Take", "tree": Oid::EMPTY_TREE, "parents": [commit]})),
        ("git/tags", json!({"tag": "v1", "message": "One", "object": commit, "type": "commit"})),
        ("merges", json!({"base": "main", "head": commit})),
        ("deployments", json!({"ref": commit, "required_contexts": []})),
        ("statuses", json!({"state": "success"})),
    ];
    for (way, body) in ways {
        let path = if way == "statuses" { format!("{SITE}/statuses/{commit}") } else { format!("{SITE}/{way}") };
        let status = stage.post(&ada, &path, body.clone()).status;
        assert!([404, 422].contains(&status), "{way} {body}: {status}");
    }
    let moved = stage.patch(&ada, &format!("{SITE}/git/refs/heads/main"), json!({"sha": commit, "force": true}));
    moved.expect(422);
    assert_eq!(stage.world.branch(stage.site, "main"), Some(main));
}

#[test]
fn equal_content_is_everybodys_and_forks_see_one_anothers() {
    let mut stage = Stage::new();
    let (ada, sam_token, secret) = (stage.ada.clone(), stage.sam.clone(), secret(&mut stage));
    let same = stage.post(&ada, &format!("{SITE}/git/blobs"), json!({"content": "The plan\n"})).expect(201);
    assert_eq!(same["sha"], secret.blob);
    stage.get(&sam_token, &format!("{SITE}/git/blobs/{}", secret.blob)).expect(200);
    stage.get(&sam_token, &format!("{SITE}/git/trees/{}", secret.tree)).expect(404);
    let (sam, site) = (person(&mut stage, "sam"), stage.site);
    let fork = stage.world.fork(site, sam).unwrap();
    let idea = commit_to(&mut stage, fork, "sam", "idea", "An idea\n", ("idea.txt", "idea\n"));
    stage.get(&ada, &format!("{SITE}/git/commits/{idea}")).expect(200);
}

fn fork_of_sam(stage: &mut Stage) -> RepositoryId {
    let (sam, site) = (person(stage, "sam"), stage.site);
    stage.world.fork(site, sam).unwrap()
}

#[test]
fn what_comes_after_a_repository_was_made_private_is_its_own() {
    let mut stage = Stage::new();
    let (ada, sam, site) = (stage.ada.clone(), stage.sam.clone(), stage.site);
    fork_of_sam(&mut stage);
    let refused = stage.patch(&sam, "/repos/sam/hello.site", json!({"private": true})).expect(422);
    assert_eq!(refused["message"], "Public forks can't be made private.");
    let before = stage.world.branch(site, "main").unwrap();
    stage.patch(&ada, SITE, json!({"private": true})).expect(200);
    let after = commit_to(&mut stage, site, "nora", "main", "Hide\n", ("plan.txt", "The plan\n"));
    stage.get(&ada, &format!("{SITE}/git/commits/{after}")).expect(200);
    let alone = stage.get(&sam, "/repos/sam/hello.site").expect(200);
    assert_eq!((&alone["fork"], &alone["private"]), (&json!(false), &json!(false)));
    stage.get(&sam, &format!("/repos/sam/hello.site/git/commits/{before}")).expect(200);
    stage.get(&sam, &format!("/repos/sam/hello.site/git/commits/{after}")).expect(404);
}

#[test]
fn what_a_network_had_stays_when_its_first_repository_goes() {
    let mut stage = Stage::new();
    let (ada, sam) = (stage.ada.clone(), stage.sam.clone());
    fork_of_sam(&mut stage);
    let main = stage.world.branch(stage.site, "main").unwrap();
    stage.delete(&ada, SITE).expect(204);
    stage.get(&sam, &format!("/repos/sam/hello.site/git/commits/{main}")).expect(200);
    let new = json!({"message": "Mine", "content": ""});
    stage.put(&sam, "/repos/sam/hello.site/contents/mine", new).expect(201);
}
