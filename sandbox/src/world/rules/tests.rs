//! What rules refuse, asked of the state itself: pushes and merges ask it by other ways.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use super::{Declined, Proposal, Protection, RequiredCheck, RequiredChecks, RequiredReviews};
use crate::{
    object::{Commit, Oid},
    world::{
        Addresses, Kind, NewRepository, World,
        id::{AccountId, RepositoryId, StatusId},
        permission::Role,
        status::{Status, Word},
        token::Principal,
    },
};

const MAIN: &str = "refs/heads/main";

struct Scene {
    world: World,
    there: RepositoryId,
    first: Oid,
    second: Oid,
    other: Oid,
    ada: Principal,
    nora: Principal,
}

fn scene(protection: Protection) -> Scene {
    let mut world = World::new(1, Addresses { api: String::new(), html: String::new() });
    let [ada, nora] = ["ada", "nora"].map(|login| world.account(login, Kind::User));
    let collaborators = BTreeMap::from([(nora, Role::Write)]);
    let files: &[(&str, &[u8])] = &[("a", b"a")];
    let there = world.repository(&NewRepository { owner: ada, name: "it", private: false, files, collaborators });
    let first = world.state.repository(there).unwrap().branch("main").unwrap();
    let second = commit(&mut world, ada, "second\n", vec![first]);
    let other = commit(&mut world, ada, "other\n", Vec::new());
    world.state.repository_mut(there).unwrap().protections.insert("main".into(), protection);
    Scene { world, there, first, second, other, ada: Principal::Person(ada), nora: Principal::Person(nora) }
}

fn commit(world: &mut World, who: AccountId, message: &str, parents: Vec<Oid>) -> Oid {
    let author = world.state.signature(who);
    let (message, extra) = (message.to_owned(), bytes::Bytes::new());
    let committer = author.clone();
    world.state.objects.insert(Commit { tree: Oid::EMPTY_TREE, parents, author, committer, message, extra })
}

impl Scene {
    fn push(&self, before: Option<Oid>, after: Option<Oid>, who: &Principal) -> Option<String> {
        let declined = self.world.state.push_refusal(self.there, MAIN, before, after, who);
        declined.as_ref().map(Declined::lines).map(|lines| lines.join("\n"))
    }

    fn merge(&self, head: Oid, approvals: usize, who: &Principal) -> Option<String> {
        let proposal = Proposal { base: "main", head, approvals, changes_requested: false, method: None };
        self.world.state.merge_refusal(self.world.state.repository(self.there).unwrap(), proposal, who)
    }

    fn report(&mut self, commit: Oid, word: Word) {
        let Principal::Person(creator) = self.ada else { return };
        let (id, context, at) = (StatusId(1), "test".to_owned(), self.world.state.now);
        let status = Status { id, commit, context, word, description: None, target_url: None, creator, at };
        self.world.state.repository_mut(self.there).unwrap().statuses.add(status);
    }
}

fn test_required() -> Protection {
    let test = RequiredCheck { context: "test".into(), app_id: None };
    Protection { checks: Some(RequiredChecks { strict: true, checks: vec![test] }), ..Protection::default() }
}

#[test]
fn not_even_an_administrator_forces_or_deletes() {
    let mut scene = scene(Protection::default());
    let (first, second, other) = (scene.first, scene.second, scene.other);
    for who in [scene.ada.clone(), scene.nora.clone()] {
        assert_eq!(scene.push(Some(first), Some(second), &who), None);
        let forced = scene.push(Some(first), Some(other), &who).unwrap();
        assert_eq!(
            forced,
            "error: GH006: Protected branch update failed for refs/heads/main.\n\n- Cannot force-push to this branch"
        );
        assert!(scene.push(Some(first), None, &who).unwrap().ends_with("- Cannot delete this branch"));
    }
    let switches =
        &mut scene.world.state.repository_mut(scene.there).unwrap().protections.get_mut("main").unwrap().switches;
    (switches.allow_force_pushes, switches.allow_deletions) = (true, true);
    assert_eq!(scene.push(Some(first), Some(other), &scene.nora), None);
    assert_eq!(scene.push(Some(first), None, &scene.nora), None);
    assert_eq!(scene.world.state.push_refusal(scene.there, "refs/heads/free", Some(first), None, &scene.nora), None);
}

#[test]
fn a_push_needs_its_checks_and_a_pull_request() {
    let mut scene = scene(Protection { reviews: Some(RequiredReviews::default()), ..test_required() });
    let (first, second) = (scene.first, scene.second);
    let both = "- Changes must be made through a pull request.\n- Required status check \"test\" is expected.";
    assert!(scene.push(Some(first), Some(second), &scene.nora).unwrap().ends_with(both));
    assert_eq!(scene.push(Some(first), Some(second), &scene.ada), None, "administrators are spared");
    scene.report(second, Word::Success);
    let one = "main.\n\n- Changes must be made through a pull request.";
    assert!(scene.push(Some(first), Some(second), &scene.nora).unwrap().ends_with(one));
}

#[test]
fn a_merge_needs_checks_approvals_and_the_newest_base() {
    let mut scene = scene(Protection { reviews: Some(RequiredReviews::default()), ..test_required() });
    let (second, other) = (scene.second, scene.other);
    let approval = "At least 1 approving review is required by reviewers with write access.";
    for (word, said) in [(None, "expected"), (Some(Word::Pending), "pending"), (Some(Word::Error), "failing")] {
        word.into_iter().for_each(|word| scene.report(second, word));
        let refusal = format!("{approval} Required status check \"test\" is {said}.");
        assert_eq!(scene.merge(second, 0, &scene.nora), Some(refusal));
    }
    scene.report(second, Word::Success);
    assert_eq!(scene.merge(second, 0, &scene.nora).as_deref(), Some(approval));
    assert_eq!(scene.merge(second, 1, &scene.nora), None);
    scene.report(other, Word::Success);
    let behind = "Head branch is not up to date with the base branch.";
    assert_eq!(scene.merge(other, 1, &scene.nora).as_deref(), Some(behind));
    assert_eq!(scene.merge(other, 1, &scene.ada), None, "administrators are spared");
}
