//! Reviews: a judgement, its comments, who is asked for one, and what protection makes of it.

use sandbox::world::{Access, Permission};
use serde_json::{Value, json};

use crate::{
    played_app::played,
    rounds::{PULLS, commit, learn, opened, told},
    stage::Stage,
};

const REVIEWS: &str = "/repos/acme/hello.site/pulls/1/reviews";
const COMMENTS: &str = "/repos/acme/hello.site/pulls/1/comments";
const ASKED: &str = "/repos/acme/hello.site/pulls/1/requested_reviewers";

/// Nora's pull request, of which nothing was told yet.
fn stage() -> Stage {
    let mut stage = Stage::new();
    opened(&mut stage, "greet", "");
    told(&mut stage);
    stage
}

#[test]
fn a_whole_life() {
    let mut stage = stage();
    let (nora, ada) = (stage.nora.clone(), stage.ada.clone());
    let rules = json!({
        "required_status_checks": null,
        "enforce_admins": true,
        "required_pull_request_reviews": {"required_approving_review_count": 1, "dismiss_stale_reviews": true},
        "restrictions": null,
    });
    stage.put(&ada, "/repos/acme/hello.site/branches/main/protection", rules).expect(200);
    let asked = stage.post(&nora, ASKED, json!({"reviewers": ["ada"]})).expect(201);
    assert_eq!(asked["requested_reviewers"][0]["login"], "ada");
    assert_eq!(stage.get(&nora, &format!("{PULLS}/1")).expect(200)["mergeable_state"], "blocked");
    let wanted = json!({
        "event": "REQUEST_CHANGES",
        "body": "Nearly.",
        "comments": [{"path": "greet.txt", "line": 2, "side": "RIGHT", "body": "Why two?"}],
    });
    let review = stage.post(&ada, REVIEWS, wanted).expect(200);
    assert_eq!(review["state"], "CHANGES_REQUESTED");
    assert_eq!(stage.get(&nora, ASKED).expect(200), json!({"users": [], "teams": []}), "who has reviewed is not asked");
    let refused = stage.put(&ada, &format!("{PULLS}/1/merge"), json!({})).expect(405);
    assert!(refused["message"].as_str().unwrap().starts_with("Changes have been requested"), "{refused}");
    commit(&mut stage, "greet", "greet.txt", "one\n2\nthree\n");
    learn(&mut stage);
    let outdated = stage.get(&nora, COMMENTS).expect(200)[0].clone();
    assert_eq!((&outdated["line"], &outdated["original_line"]), (&Value::Null, &json!(2)));
    let approved = stage.post(&ada, REVIEWS, json!({"event": "APPROVE"})).expect(200);
    assert_eq!(stage.get(&nora, &format!("{PULLS}/1")).expect(200)["mergeable_state"], "clean");
    commit(&mut stage, "greet", "greet.txt", "one\nzwei\nthree\n");
    learn(&mut stage);
    let place = format!("{REVIEWS}/{}", approved["id"]);
    assert_eq!(stage.get(&nora, &place).expect(200)["state"], "DISMISSED", "it was of another head");
    let refused = stage.put(&ada, &format!("{PULLS}/1/merge"), json!({})).expect(405);
    assert!(refused["message"].as_str().unwrap().contains("1 approving review is required"), "{refused}");
    stage.post(&ada, REVIEWS, json!({"event": "APPROVE", "body": "Good."})).expect(200);
    stage.put(&ada, &format!("{PULLS}/1/merge"), json!({"merge_method": "squash"})).expect(200);
    assert_eq!(
        told(&mut stage),
        [
            "pull_request.review_requested",
            "pull_request_review.submitted",
            "pull_request_review_comment.created",
            "pull_request.synchronize",
            "pull_request_review.submitted",
            "pull_request.synchronize",
            "pull_request_review.dismissed",
            "pull_request_review.submitted",
            "pull_request.closed",
        ]
    );
}

#[test]
fn nobody_judges_their_own_work() {
    let mut stage = stage();
    let nora = stage.nora.clone();
    let own = stage.post(&nora, REVIEWS, json!({"event": "APPROVE"})).expect(422);
    assert_eq!(own["message"], "Unprocessable Entity");
    assert_eq!(own["errors"], json!(["Can not approve your own pull request"]));
    let own = stage.post(&nora, REVIEWS, json!({"event": "REQUEST_CHANGES", "body": "No."})).expect(422);
    assert_eq!(own["errors"], json!(["Can not request changes on your own pull request"]));
    stage.post(&nora, REVIEWS, json!({"event": "COMMENT", "body": "For the record."})).expect(200);
    stage.post(&nora, REVIEWS, json!({"event": "COMMENT"})).expect(422);
    assert_eq!(told(&mut stage), ["pull_request_review.submitted"]);
}

#[test]
fn a_review_is_written_unseen_and_handed_in() {
    let mut stage = stage();
    let (ada, nora) = (stage.ada.clone(), stage.nora.clone());
    let comments = json!([{"path": "greet.txt", "position": 1, "body": "One?"}]);
    let pending = stage.post(&ada, REVIEWS, json!({"body": "So far", "comments": comments})).expect(200);
    assert_eq!((&pending["state"], &pending["submitted_at"]), (&json!("PENDING"), &Value::Null));
    stage.post(&ada, REVIEWS, json!({})).expect(422);
    let place = format!("{REVIEWS}/{}", pending["id"]);
    stage.get(&nora, &place).expect(404);
    assert_eq!(stage.get(&nora, REVIEWS).expect(200), json!([]));
    assert_eq!(stage.get(&nora, COMMENTS).expect(200), json!([]));
    assert_eq!(told(&mut stage), [""; 0]);
    stage.put(&ada, &place, json!({"body": "All in all"})).expect(200);
    let submitted = stage.post(&ada, &format!("{place}/events"), json!({"event": "APPROVE"})).expect(200);
    assert_eq!((&submitted["state"], &submitted["body"]), (&json!("APPROVED"), &json!("All in all")));
    stage.post(&ada, &format!("{place}/events"), json!({"event": "APPROVE"})).expect(422);
    assert_eq!(stage.get(&nora, &format!("{place}/comments")).expect(200)[0]["position"], 1);
    stage.delete(&ada, &place).expect(422);
    stage.put(&nora, &place, json!({"body": "Mine"})).expect(403);
    stage.put(&ada, &place, json!({"body": "In short"})).expect(200);
    assert_eq!(
        told(&mut stage),
        ["pull_request_review.submitted", "pull_request_review_comment.created", "pull_request_review.edited"]
    );
    let another = stage.post(&ada, REVIEWS, json!({"body": "Again"})).expect(200);
    stage.delete(&ada, &format!("{REVIEWS}/{}", another["id"])).expect(200);
    assert_eq!(stage.get(&ada, REVIEWS).expect(200).as_array().unwrap().len(), 1);
}

#[test]
fn a_review_is_dismissed_by_those_who_may() {
    let mut stage = stage();
    let (ada, nora, sam) = (stage.ada.clone(), stage.nora.clone(), stage.sam.clone());
    let review = stage.post(&ada, REVIEWS, json!({"event": "REQUEST_CHANGES", "body": "No."})).expect(200);
    let place = format!("{REVIEWS}/{}/dismissals", review["id"]);
    stage.put(&sam, &place, json!({"message": "I say so"})).expect(403);
    stage.put(&nora, &place, json!({"message": ""})).expect(422);
    let dismissed = stage.put(&nora, &place, json!({"message": "It was mended"})).expect(200);
    assert_eq!(dismissed["state"], "DISMISSED");
    stage.put(&nora, &place, json!({"message": "Again"})).expect(422);
    assert_eq!(told(&mut stage), ["pull_request_review.submitted", "pull_request_review.dismissed"]);
}

#[test]
fn a_conversation_on_a_line() {
    let mut stage = stage();
    let (ada, nora, sam) = (stage.ada.clone(), stage.nora.clone(), stage.sam.clone());
    let head = stage.get(&nora, &format!("{PULLS}/1")).expect(200)["head"]["sha"].clone();
    let on =
        |line: u64, path: &str| json!({"body": "Why?", "commit_id": head, "path": path, "line": line, "side": "RIGHT"});
    let outside = stage.post(&ada, COMMENTS, on(9, "greet.txt")).expect(422);
    assert_eq!(outside["errors"][0]["field"], "pull_request_review_thread.line");
    stage.post(&ada, COMMENTS, on(1, "index.html")).expect(422);
    let mut several = on(3, "greet.txt");
    (several["start_line"], several["start_side"]) = (json!(2), json!("RIGHT"));
    let first = stage.post(&ada, COMMENTS, several).expect(201);
    assert_eq!((&first["position"], &first["start_line"], &first["line"]), (&json!(3), &json!(2), &json!(3)));
    assert_eq!(first["diff_hunk"], "@@ -0,0 +1,3 @@\n+one\n+two\n+three");
    let reply = stage.post(&nora, &format!("{COMMENTS}/{}/replies", first["id"]), json!({"body": "So."})).expect(201);
    assert_eq!((&reply["in_reply_to_id"], &reply["line"]), (&first["id"], &json!(3)));
    let to_the_reply = json!({"body": "Oh.", "commit_id": head, "path": "greet.txt", "in_reply_to": reply["id"]});
    assert_eq!(stage.post(&sam, COMMENTS, to_the_reply).expect(201)["in_reply_to_id"], first["id"]);
    let whole = json!({"body": "All of it", "commit_id": head, "path": "greet.txt", "subject_type": "file"});
    assert_eq!(stage.post(&ada, COMMENTS, whole).expect(201)["subject_type"], "file");
    let place = format!("/repos/acme/hello.site/pulls/comments/{}", first["id"]);
    stage.patch(&sam, &place, json!({"body": "Mine"})).expect(403);
    stage.patch(&ada, &place, json!({"body": "How so?"})).expect(200);
    let all = stage.get(&sam, "/repos/acme/hello.site/pulls/comments?sort=updated&direction=desc").expect(200);
    assert_eq!((all.as_array().unwrap().len(), &all[0]["body"]), (4, &json!("How so?")));
    stage.delete(&ada, &place).expect(204);
    stage.get(&ada, &place).expect(404);
    let told = told(&mut stage);
    assert_eq!(told.iter().filter(|name| *name == "pull_request_review_comment.created").count(), 4);
    assert_eq!(told[8..], ["pull_request_review_comment.edited", "pull_request_review_comment.deleted"]);
}

#[test]
fn reviewers_are_asked_and_no_longer_asked() {
    let mut stage = stage();
    let (nora, sam) = (stage.nora.clone(), stage.sam.clone());
    let author = stage.post(&nora, ASKED, json!({"reviewers": ["nora"]})).expect(422);
    assert_eq!(author["message"], "Review cannot be requested from pull request author.");
    let stranger = stage.post(&nora, ASKED, json!({"reviewers": ["ada", "sam"]})).expect(422);
    assert!(stranger["message"].as_str().unwrap().contains("not a collaborator of the acme/hello.site repository"));
    stage.post(&sam, ASKED, json!({"reviewers": ["ada"]})).expect(403);
    stage.post(&nora, ASKED, json!({"reviewers": ["ada"]})).expect(201);
    stage.post(&nora, ASKED, json!({"reviewers": ["ada"]})).expect(201);
    assert_eq!(stage.get(&sam, ASKED).expect(200)["users"][0]["login"], "ada");
    let removed = stage.ask("DELETE", &nora, ASKED, Some(&json!({"reviewers": ["ada"]}))).expect(200);
    assert_eq!(removed["requested_reviewers"], json!([]));
    assert_eq!(told(&mut stage), ["pull_request.review_requested", "pull_request.review_request_removed"]);
}

#[test]
fn each_app_judges_only_what_another_made() {
    let mut stage = Stage::new();
    let ada = stage.ada.clone();
    let may = [(Permission::PullRequests, Access::Write), (Permission::Contents, Access::Write)];
    let maker = played(&mut stage, "Maker", &may, &[]).token(&mut stage, json!({}));
    let judge = played(&mut stage, "Judge", &may, &["pull_request_review"]).token(&mut stage, json!({}));
    let rules = json!({
        "required_status_checks": null,
        "enforce_admins": true,
        "required_pull_request_reviews": {"required_approving_review_count": 1},
        "restrictions": null,
    });
    stage.put(&ada, "/repos/acme/hello.site/branches/main/protection", rules).expect(200);
    commit(&mut stage, "greet", "greet.txt", "Hi\n");
    let new = json!({"title": "Greet", "head": "greet", "base": "main"});
    let opened = stage.post(&maker, PULLS, new).expect(201);
    assert_eq!(opened["user"]["login"], "maker[bot]");
    learn(&mut stage);
    let own = stage.post(&maker, REVIEWS, json!({"event": "APPROVE"})).expect(422);
    assert_eq!(own["errors"], json!(["Can not approve your own pull request"]));
    stage.put(&maker, &format!("{PULLS}/1/merge"), json!({})).expect(405);
    let review = stage.post(&judge, REVIEWS, json!({"event": "APPROVE"})).expect(200);
    assert_eq!(review["user"]["login"], "judge[bot]");
    stage.put(&maker, &format!("{PULLS}/1/merge"), json!({})).expect(200);
    let told = told(&mut stage);
    assert_eq!(told.iter().filter(|name| *name == "pull_request_review.submitted").count(), 2, "{told:?}");
}
