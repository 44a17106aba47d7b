//! Agents on a real channel, with real git, before a played GitHub: what a run leaves, and what it does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod stage;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use agents::character::{DEV_E, REVIEW_E};
use bus::{
    catalogue::{
        agent::{Failure, Finished, Outcome, Verdict},
        work::Task,
    },
    envelope::now,
    service::run::Next,
};
use stage::{End, Stage, limited, until, with_program};

const GREET: &str = "Greet the visitor by name";
const COMMIT: &str = "echo more >> more.txt; git add -A; git commit -qm 'Add more'\n";
const DONE: &str = r#"echo '{"outcome":"done","say":"more is there"}'"#;

fn trailer(offer: &bus::catalogue::cmd::Offer) -> String {
    format!("Rig-Run: {}.{}", offer.fence.run, offer.fence.generation)
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

#[tokio::test]
async fn a_github_that_stumbles_costs_no_run() {
    let mut stage = Stage::new().await;
    stage.agent(DEV_E).await;
    stage.stumble("/repos/*/*/issues/*", 2);
    let (_, end) = stage.built(GREET).await;
    end.pushed();
    assert_eq!(stage.stumbles(), 2, "it was asked until it answered");
    stage.finish().await;
}

#[tokio::test]
async fn a_build_is_a_branch_with_the_runs_trailer() {
    let mut stage = Stage::new().await;
    stage.agent(DEV_E).await;
    let (offer, end) = stage.built(GREET).await;
    let (head, title, body) = end.pushed();
    assert_eq!(stage.branches(), [(offer.branch.clone(), head)].into());
    assert_eq!(title, GREET);
    assert!(body.contains("rehearsal") && body.ends_with(&format!("Closes {}", offer.item.number)), "{body}");
    assert!(stage.message(head).await.ends_with(&trailer(&offer)), "{}", stage.message(head).await);
    let compared = stage.ask(http::Method::GET, &format!("/compare/main...{head}"), None).await;
    assert_eq!(compared["ahead_by"], 1);
    assert!(stage.progress(offer.fence.run).await[0].starts_with("I take it as"));
    assert!(stage.lives().await.iter().any(|(who, _)| who == "dev-e"));
    assert_eq!(stage.words.askers(offer.fence.run)[0], "dev-e");
    stage.until_acknowledged().await;
    assert!(is_empty(&stage.home("dev-e").join("runs")), "a run left its folder");
    stage.finish().await;
}

#[tokio::test]
async fn the_playbook_plays_from_the_first_build_to_the_second_issue() {
    let mut stage = Stage::new().await;
    stage.agent(DEV_E).await;
    stage.agent(REVIEW_E).await;
    let (offer, end) = stage.built(GREET).await;
    let (built, ..) = end.pushed();
    let task = |task, generation| stage.offer(offer.item.number, GREET, task, generation);
    let (refused, approved) = (task(Task::Review { head: built, round: 1 }, 2), task(Task::Fix { head: built }, 3));
    stage.put(&refused).await;
    assert_eq!(stage.end(&refused).await.verdict(), Verdict::ChangesRequested);
    stage.put(&approved).await;
    let (fixed, ..) = stage.end(&approved).await.pushed();
    let second = stage.offer(offer.item.number, GREET, Task::Review { head: fixed, round: 2 }, 4);
    stage.put(&second).await;
    assert_eq!(stage.end(&second).await.verdict(), Verdict::Approved);
    let pull = stage.pull(&offer.branch).await;
    stage.ask(http::Method::PUT, &format!("/pulls/{}/merge", pull.0), Some(serde_json::json!({}))).await;
    let (next, end) = stage.built("Remember the name").await;
    let (head, ..) = end.pushed();
    assert_eq!(stage.files(head).await, ["hello.js", "index.html", "tests", "tests/empty-name.sh"]);
    let review = stage.offer(next.item.number, &next.item.title, Task::Review { head, round: 1 }, 2);
    stage.put(&review).await;
    assert_eq!(stage.end(&review).await.verdict(), Verdict::Approved);
    stage.finish().await;
}

#[tokio::test]
async fn signs_of_life_name_the_work_as_long_as_it_lasts() {
    let mut stage = Stage::new().await;
    stage.alive = Duration::from_millis(300);
    let go = stage.folder.path().join("go");
    let script = format!("while [ ! -e {} ]; do sleep 0.02; done; {COMMIT}{DONE}", go.display());
    let program = stage.program("brain", &script);
    stage.agent(&with_program("dev-e", &program)).await;
    let number = stage.issue("Do it", "").await;
    let offer = stage.offer(number, "Do it", Task::Build, 1);
    stage.put(&offer).await;
    let signs = async || stage.lives().await.iter().filter(|(_, alive)| alive.work == Some(offer.fence)).count();
    until("it says twice that it works", async || signs().await >= 2).await;
    fs::write(&go, "").unwrap();
    stage.end(&offer).await.pushed();
    until("it says that it works no more", async || {
        stage.lives().await.last().is_some_and(|(_, alive)| alive.work.is_none())
    })
    .await;
    stage.finish().await;
}

#[tokio::test]
async fn a_review_is_a_judgement_of_its_head() {
    let mut stage = Stage::new().await;
    stage.agent(REVIEW_E).await;
    let number = stage.issue(GREET, "").await;
    let head = stage.commit("rig/1-words", "hello.js", "1\n2\n3\n");
    let offer = stage.offer(number, GREET, Task::Review { head, round: 1 }, 1);
    stage.put(&offer).await;
    let End::Finished(who, Finished { say, result, .. }) = stage.end(&offer).await else { panic!("no judgement") };
    let Outcome::Judged { head: judged, verdict, body, remarks } = result else { panic!("no judgement") };
    assert_eq!((who.as_str(), judged, verdict), ("review-e", head, Verdict::ChangesRequested));
    assert!(say.starts_with('✗') && body.contains("rehearsal") && remarks.len() == 1, "{say} {body}");
    assert_eq!(stage.branches()[&offer.branch], head, "a reviewer pushes nothing");
    stage.finish().await;
}

#[tokio::test]
async fn a_sentence_that_no_playbook_knows_becomes_a_wish_and_is_said_to_be() {
    let mut stage = Stage::new().await;
    stage.agent(DEV_E).await;
    stage.agent(REVIEW_E).await;
    let (offer, end) = stage.built("Add a <dark> mode & $(more)").await;
    let (head, ..) = end.pushed();
    assert!(stage.progress(offer.fence.run).await[0].contains("only rehearse"));
    let page = stage.ask(http::Method::GET, &format!("/commits/{head}"), None).await;
    let patch = page["files"][0]["patch"].as_str().unwrap();
    assert!(patch.contains("Wished for: Add a &lt;dark&gt; mode &amp; $(more)"), "{patch}");
    let review = stage.offer(offer.item.number, &offer.item.title, Task::Review { head, round: 1 }, 2);
    stage.put(&review).await;
    let End::Finished(_, Finished { result: Outcome::Judged { verdict, .. }, .. }) = stage.end(&review).await else {
        panic!("no judgement")
    };
    assert_eq!(verdict, Verdict::Approved);
    stage.finish().await;
}

#[tokio::test]
async fn a_program_is_told_the_task_and_answers_a_review() {
    let mut stage = Stage::new().await;
    let told = stage.folder.path().join("told");
    let program = stage.program("brain", &format!("cat > {}\n{COMMIT}{DONE}", told.display()));
    stage.agent(&with_program("dev-e", &program)).await;
    let number = stage.issue("Say more", "Much more.").await;
    let head = stage.commit("rig/1-words", "hello.js", "1\n2\n3\n");
    let pull = stage.pull("rig/1-words").await;
    let review = serde_json::json!({
        "commit_id": head, "event": "COMMENT", "body": "One change.",
        "comments": [{"path": "hello.js", "line": 2, "body": "Two, please."}],
    });
    stage.ask(http::Method::POST, &format!("/pulls/{}/reviews", pull.0), Some(review)).await;
    let mut offer = stage.offer(number, "Say more", Task::Fix { head }, 2);
    offer.pull = Some(pull);
    stage.put(&offer).await;
    let (pushed, ..) = stage.end(&offer).await.pushed();
    assert_eq!(stage.branches(), [(offer.branch.clone(), pushed)].into());
    assert!(stage.files(pushed).await.contains(&"hello.js".to_owned()), "it goes on from the head");
    let told: serde_json::Value = serde_json::from_slice(&fs::read(told).unwrap()).unwrap();
    assert_eq!((&told["title"], &told["body"]), (&"Say more".into(), &"Much more.".into()));
    assert_eq!(told["task"]["do"], "fix");
    let remarks = told["remarks"].to_string();
    assert!(remarks.contains("One change.") && remarks.contains("Two, please."), "{told}");
    stage.finish().await;
}

#[tokio::test]
async fn the_program_of_the_docs_works() {
    let mut stage = Stage::new().await;
    let page = include_str!("../../docs/agents.md");
    let script = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let program = stage.program("brain", script);
    stage.agent(&with_program("dev-e", &program)).await;
    let (offer, end) = stage.built("Do it").await;
    let (head, ..) = end.pushed();
    assert_eq!(stage.files(head).await, ["index.html", "tasks", "tasks/last.json"]);
    assert_eq!(stage.progress(offer.fence.run).await, ["I keep the task as it was told to me, nothing more."]);
    stage.finish().await;
}

#[tokio::test]
async fn f_104_exit_zero_with_nothing_is_a_failure() {
    let mut stage = Stage::new().await;
    let program = stage.program("brain", "cat > /dev/null; exit 0");
    stage.agent(&with_program("dev-e", &program)).await;
    let (_, end) = stage.built("Do it").await;
    assert_eq!(end.failure(), Failure::Nothing);
    assert!(stage.branches().is_empty());
    stage.finish().await;
}

#[tokio::test]
async fn f_073_done_without_a_commit_is_a_failure() {
    let mut stage = Stage::new().await;
    let program = stage.program("brain", DONE);
    stage.agent(&with_program("dev-e", &program)).await;
    let (_, end) = stage.built("Do it").await;
    assert_eq!(end.failure(), Failure::Nothing);
    assert!(stage.branches().is_empty());
    stage.finish().await;
}

#[tokio::test]
async fn f_105_what_is_told_comes_before_the_exit_code() {
    let mut stage = Stage::new().await;
    let script = r#"echo talk; echo '{"outcome":"gave_up","say":"Which page is meant?"}'; exit 1"#;
    let program = stage.program("brain", script);
    stage.agent(&with_program("dev-e", &program)).await;
    let (_, end) = stage.built("Do it").await;
    let End::GaveUp(_, gave_up) = end else { panic!("{end:?}") };
    assert!(gave_up.say.contains("Which page is meant?"), "{}", gave_up.say);
    stage.finish().await;
}

#[tokio::test]
async fn f_105_exit_one_without_words_tells_the_last_ones() {
    let mut stage = Stage::new().await;
    let program = stage.program("brain", "echo 'no key in the drawer' >&2; exit 1");
    stage.agent(&with_program("dev-e", &program)).await;
    let (_, end) = stage.built("Do it").await;
    let Failure::Broken { error } = end.failure() else { panic!("it did not break") };
    assert!(error.contains("no key in the drawer") && error.contains('1'), "{error}");
    stage.finish().await;
}

#[tokio::test]
async fn an_outcome_that_cannot_be_read_is_told_to_whoever_mends_it() {
    let mut stage = Stage::new().await;
    let program = stage.program("brain", r#"echo '{"outcome":"done","colour":"red"}'"#);
    stage.agent(&with_program("dev-e", &program)).await;
    let (_, end) = stage.built("Do it").await;
    let Failure::Broken { error } = end.failure() else { panic!("it did not break") };
    assert!(error.contains("colour"), "{error}");
    stage.finish().await;
}

#[tokio::test]
async fn f_103_the_limit_of_turns_is_incomplete_and_keeps_what_there_is() {
    let mut stage = Stage::new().await;
    let program = stage.program("brain", r#"echo turn >> turns.txt; echo '{"outcome":"more"}'"#);
    stage.agent(&limited("dev-e", &program, "30s", "40s", "20s", 2)).await;
    let (offer, end) = stage.built("Do it").await;
    assert_eq!(end.failure(), Failure::Incomplete);
    let head = stage.branches()[&offer.branch];
    assert_eq!(stage.files(head).await, ["index.html", "turns.txt"]);
    assert!(stage.message(head).await.contains(&trailer(&offer)));
    stage.finish().await;
}

#[tokio::test]
async fn f_106_what_was_not_committed_is_kept_and_the_next_run_goes_on_from_it() {
    let mut stage = Stage::new().await;
    let script = format!(
        "if [ -e half.txt ]; then echo whole > whole.txt; git add -A; git commit -qm Whole; {DONE}; exit 0; fi\n\
         trap '' TERM; echo half > half.txt; while :; do sleep 0.1; echo; done"
    );
    let program = stage.program("brain", &script);
    stage.agent(&limited("dev-e", &program, "2s", "3s", "20s", 3)).await;
    let (offer, end) = stage.built("Do it").await;
    assert_eq!(end.failure(), Failure::Incomplete);
    let kept = stage.branches()[&offer.branch];
    assert_eq!(stage.files(kept).await, ["half.txt", "index.html"]);
    assert!(stage.message(kept).await.starts_with("WIP: Do it"));
    let next = stage.offer(offer.item.number, "Do it", Task::Build, 2);
    stage.put(&next).await;
    let (head, ..) = stage.end(&next).await.pushed();
    assert_eq!(stage.files(head).await, ["half.txt", "index.html", "whole.txt"]);
    assert_eq!(stage.branches().len(), 1, "one branch an issue");
    assert!(stage.message(head).await.contains(&trailer(&next)));
    stage.finish().await;
}

#[tokio::test]
async fn f_106_who_is_asked_to_come_to_an_end_may_do_so() {
    let mut stage = Stage::new().await;
    let script = format!("end() {{\n{COMMIT}{DONE}\nexit 0\n}}\ntrap end TERM\nwhile :; do sleep 0.1; echo; done");
    let program = stage.program("brain", &script);
    stage.agent(&limited("dev-e", &program, "3s", "20s", "10s", 3)).await;
    let (_, end) = stage.built("Do it").await;
    let (head, ..) = end.pushed();
    assert!(stage.files(head).await.contains(&"more.txt".to_owned()));
    stage.finish().await;
}

#[tokio::test]
async fn f_107_who_says_nothing_is_ended() {
    let mut stage = Stage::new().await;
    let program = stage.program("brain", "echo 'May I? [y/N]'; sleep 300");
    stage.agent(&limited("dev-e", &program, "30s", "40s", "500ms", 3)).await;
    let (_, end) = stage.built("Do it").await;
    let Failure::Broken { error } = end.failure() else { panic!("it did not break") };
    assert!(error.contains("said nothing for 500ms"), "{error}");
    stage.finish().await;
}

#[tokio::test]
async fn f_109_a_fresh_run_goes_on_with_the_branch_that_is_there() {
    let mut stage = Stage::new().await;
    stage.agent(DEV_E).await;
    let (offer, end) = stage.built(GREET).await;
    let (first, ..) = end.pushed();
    let again = stage.offer(offer.item.number, GREET, Task::Build, 2);
    stage.put(&again).await;
    let (second, ..) = stage.end(&again).await.pushed();
    assert_ne!(first, second);
    assert_eq!(stage.branches(), [(offer.branch, second)].into());
    assert!(stage.message(second).await.contains(&trailer(&again)), "the head is of the run that speaks for it");
    stage.finish().await;
}

#[tokio::test]
async fn f_115_what_a_killed_git_left_in_the_mirror_stops_no_run() {
    let mut stage = Stage::new().await;
    stage.agent(DEV_E).await;
    let (_, end) = stage.built("One").await;
    end.pushed();
    let mirror = stage.home("dev-e").join("mirrors/acme/hello.site.git");
    stage.commit("main", "more.txt", "more\n");
    let lock = fs::File::create(mirror.join("refs/heads/main.lock")).unwrap();
    lock.set_modified(std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)).unwrap();
    let (_, end) = stage.built("Two").await;
    let (head, ..) = end.pushed();
    assert!(stage.files(head).await.contains(&"more.txt".to_owned()));
    stage.finish().await;
}

#[tokio::test]
async fn what_moved_is_fetched_and_what_did_not_is_not() {
    let mut stage = Stage::new().await;
    stage.agent(DEV_E).await;
    stage.built("One").await.1.pushed();
    // Whoever fetches holds it.
    let lock = stage.home("dev-e").join("mirrors/acme/hello.site.lock");
    fs::remove_file(&lock).unwrap();
    let (two, end) = stage.built("Two").await;
    end.pushed();
    assert!(!lock.exists(), "it was fetched where nothing had moved");
    stage.commit("main", "more.txt", "more\n");
    let (head, ..) = stage.built("Three").await.1.pushed();
    assert!(stage.files(head).await.contains(&"more.txt".to_owned()), "the base moved");
    let head = stage.commit(&two.branch, "theirs.txt", "theirs\n");
    let next = stage.offer(two.item.number, "Two", Task::Build, 2);
    stage.put(&next).await;
    let (pushed, ..) = stage.end(&next).await.pushed();
    assert_ne!(pushed, head);
    assert!(stage.files(pushed).await.contains(&"theirs.txt".to_owned()), "the run's branch moved");
    stage.finish().await;
}

#[tokio::test]
async fn a_github_that_does_not_tell_where_its_branches_are_is_fetched_from() {
    let mut stage = Stage::new().await;
    stage.agent(DEV_E).await;
    stage.built("One").await.1.pushed();
    stage.stumble("/repos/*/*/git/ref/**", 100);
    stage.commit("main", "more.txt", "more\n");
    let (head, ..) = stage.built("Two").await.1.pushed();
    assert!(stage.files(head).await.contains(&"more.txt".to_owned()));
    assert!(stage.stumbles() > 0, "it was asked");
    stage.finish().await;
}

#[tokio::test]
async fn f_115_no_run_sees_anothers_dirt() {
    let mut stage = Stage::new().await;
    let seen = stage.folder.path().join("seen");
    let script = format!(
        "{{ git status --porcelain; git stash list; git remote; git for-each-ref refs/heads; ls -A; }} >> {}\n\
         echo dirt > dirt.txt; echo dirt > index.html; git stash -q; git tag dirt; echo dirt > dirt.txt\n\
         git config user.name Dirt; echo dirt > .git/hooks/pre-commit; exit 1",
        seen.display()
    );
    let program = stage.program("brain", &script);
    stage.agent(&with_program("dev-e", &program)).await;
    for title in ["One", "Two"] {
        let (_, end) = stage.built(title).await;
        assert!(matches!(end.failure(), Failure::Broken { .. }));
    }
    let seen = fs::read_to_string(seen).unwrap();
    assert!(!seen.contains("dirt") && !seen.contains("stash"), "{seen}");
    assert!(!seen.contains("origin"), "nothing leads back to what the runs borrow from: {seen}");
    assert_eq!(seen.matches("refs/heads/rig/").count(), 2, "each sees its own branch alone: {seen}");
    stage.finish().await;
}

#[tokio::test]
async fn f_121_a_stop_kills_the_whole_tree_and_nothing_is_pushed() {
    let mut stage = Stage::new().await;
    let pids = stage.folder.path().join("pids");
    let script = format!(
        "{COMMIT}setsid sh -c 'echo $$ >> {pids}; while :; do sleep 0.1; done' &\n\
         (trap '' TERM; sh -c 'echo $$ >> {pids}; while :; do sleep 0.1; done') &\necho $$ >> {pids}; wait",
        pids = pids.display()
    );
    let program = stage.program("brain", &script);
    stage.agent(&with_program("dev-e", &program)).await;
    let number = stage.issue("Do it", "").await;
    let offer = stage.offer(number, "Do it", Task::Build, 1);
    stage.put(&offer).await;
    let count = || fs::read_to_string(&pids).unwrap_or_default().lines().count();
    until("three processes run", async || count() == 3).await;
    stage.words.stop(offer.fence.run);
    assert_eq!(stage.end(&offer).await.failure(), Failure::Stopped);
    for pid in fs::read_to_string(&pids).unwrap().lines() {
        assert!(!lives(pid), "{pid} outlived its run");
    }
    assert!(stage.branches().is_empty());
    stage.until_acknowledged().await;
    stage.finish().await;
}

/// Whether a process is there and has not ended.
fn lives(pid: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

#[tokio::test]
async fn a_push_is_asked_for_and_not_made_when_the_work_is_anothers() {
    let mut stage = Stage::new().await;
    let (ready, go) = (stage.folder.path().join("ready"), stage.folder.path().join("go"));
    let script =
        format!("{COMMIT}touch {}; while [ ! -e {} ]; do sleep 0.02; done; {DONE}", ready.display(), go.display());
    let program = stage.program("brain", &script);
    stage.agent(&with_program("dev-e", &program)).await;
    let number = stage.issue("Do it", "").await;
    let offer = stage.offer(number, "Do it", Task::Build, 1);
    stage.put(&offer).await;
    until("the program is ready", async || ready.exists()).await;
    // Undecided is no stop, so the turn goes on to its end; and no word to go, so nothing is pushed.
    stage.words.say(offer.fence.run, Next::Ask);
    fs::write(&go, "").unwrap();
    let before = stage.words.askers(offer.fence.run).len();
    until("it was asked a few times", async || stage.words.askers(offer.fence.run).len() > before + 10).await;
    assert!(stage.branches().is_empty());
    stage.words.stop(offer.fence.run);
    assert_eq!(stage.end(&offer).await.failure(), Failure::Stopped);
    assert!(stage.branches().is_empty());
    stage.finish().await;
}

#[tokio::test]
async fn a_branch_that_somebody_moved_is_not_overwritten() {
    let mut stage = Stage::new().await;
    let (ready, go) = (stage.folder.path().join("ready"), stage.folder.path().join("go"));
    let script =
        format!("{COMMIT}touch {}; while [ ! -e {} ]; do sleep 0.02; done; {DONE}", ready.display(), go.display());
    let program = stage.program("brain", &script);
    stage.agent(&with_program("dev-e", &program)).await;
    let number = stage.issue("Do it", "").await;
    let offer = stage.offer(number, "Do it", Task::Build, 1);
    stage.put(&offer).await;
    until("the program is ready", async || ready.exists()).await;
    let theirs = stage.commit(&offer.branch, "theirs.txt", "theirs\n");
    fs::write(&go, "").unwrap();
    let Failure::Broken { error } = stage.end(&offer).await.failure() else { panic!("it did not break") };
    assert!(error.contains("nothing was overwritten"), "{error}");
    assert_eq!(stage.branches()[&offer.branch], theirs);
    stage.finish().await;
}

#[tokio::test]
async fn a_rebase_writes_the_branch_anew_on_the_base() {
    let mut stage = Stage::new().await;
    stage.agent(DEV_E).await;
    let (offer, end) = stage.built("A wish").await;
    let (head, ..) = end.pushed();
    stage.commit("main", "index.html", "<body>\n<h1>Hello there!</h1>\n<p>One more.</p>\n</body>\n");
    let next = stage.offer(offer.item.number, "A wish", Task::Rebase { head }, 2);
    stage.put(&next).await;
    let (rebased, ..) = stage.end(&next).await.pushed();
    assert_eq!(stage.branches()[&offer.branch], rebased);
    let compared = stage.ask(http::Method::GET, &format!("/compare/main...{rebased}"), None).await;
    assert_eq!((&compared["behind_by"], &compared["ahead_by"]), (&0.into(), &1.into()));
    let message = stage.message(rebased).await;
    assert!(message.contains(&trailer(&next)) && !message.contains(&trailer(&offer)), "{message}");
    stage.finish().await;
}

/// What stands in a file at a commit, against the base.
async fn change(stage: &Stage, head: bus::commit::Oid, file: &str) -> String {
    let compared = stage.ask(http::Method::GET, &format!("/compare/main...{head}"), None).await;
    let files = compared["files"].as_array().unwrap();
    files.iter().find(|changed| changed["filename"] == file).unwrap()["patch"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_conflict_has_what_was_asked_for_played_again_and_nothing_else() {
    let mut stage = Stage::new().await;
    stage.agent(DEV_E).await;
    let (offer, end) = stage.built(GREET).await;
    let (mut head, ..) = end.pushed();
    let (before, after) = ("if (name === null) return", "if (!name) return");
    for (attempt, asked) in [(2, before), (4, after)] {
        stage.commit("main", "index.html", &format!("<body>\n<h1>Hello {attempt}!</h1>\n</body>\n"));
        let rebase = stage.offer(offer.item.number, GREET, Task::Rebase { head }, attempt);
        stage.put(&rebase).await;
        (head, ..) = stage.end(&rebase).await.pushed();
        assert!(change(&stage, head, "hello.js").await.contains(asked), "after conflict {attempt}");
        let fix = stage.offer(offer.item.number, GREET, Task::Fix { head }, attempt + 1);
        stage.put(&fix).await;
        if asked == before {
            (head, ..) = stage.end(&fix).await.pushed();
        } else {
            assert_eq!(stage.end(&fix).await.failure(), Failure::Nothing);
        }
    }
    stage.finish().await;
}

#[tokio::test]
async fn f_223_a_title_is_data_wherever_it_goes() {
    let mut stage = Stage::new().await;
    let told = stage.folder.path().join("told");
    let title = "Say \"hi\" $(touch pwned) `touch pwned` '; touch pwned #\u{7}";
    let script =
        format!("cat > {}\ntr '\\0' '\\n' < /proc/$$/cmdline > args.txt; env > env.txt\n{DONE}", told.display());
    let program = stage.program("brain", &script);
    stage.agent(&with_program("dev-e", &program)).await;
    let (_, end) = stage.built(title).await;
    let (head, pushed_title, _) = end.pushed();
    assert_eq!(stage.files(head).await, ["args.txt", "env.txt", "index.html"]);
    let told: serde_json::Value = serde_json::from_slice(&fs::read(told).unwrap()).unwrap();
    assert_eq!(told["title"], title);
    assert_eq!(pushed_title, title.replace('\u{7}', ""));
    assert!(stage.message(head).await.starts_with(&pushed_title));
    let commit = stage.ask(http::Method::GET, &format!("/commits/{head}"), None).await;
    assert!(commit["files"].as_array().unwrap().iter().all(|file| !file["patch"].to_string().contains("touch pwned")));
    stage.finish().await;
}

#[tokio::test]
async fn a_runs_processes_find_no_secret_and_set_no_trap_for_it() {
    let mut stage = Stage::new().await;
    let trap = stage.folder.path().join("trap");
    let loot = stage.folder.path().join("loot");
    let script = format!(
        "{{ env; git config --list; cat .git/config; }} > {loot}\n\
         printf '#!/bin/sh\\nenv > {trap}\\n' > .git/hooks/pre-push; chmod +x .git/hooks/pre-push\n\
         cp .git/hooks/pre-push .git/hooks/post-commit; cp .git/hooks/pre-push .git/hooks/reference-transaction\n\
         git config core.hooksPath .git/hooks; git config core.fsmonitor \"sh -c 'env > {trap}'\"\n\
         git config url.http://127.0.0.1:9/.insteadOf {host}/; git config credential.helper '!env > {trap}; false'\n\
         git config http.proxy http://127.0.0.1:9\n\
         echo more > more.txt; {DONE}",
        loot = loot.display(),
        trap = trap.display(),
        host = stage.played.addresses().html,
    );
    let program = stage.program("brain", &script);
    stage.agent(&with_program("dev-e", &program)).await;
    let (offer, end) = stage.built("Do it").await;
    let (head, ..) = end.pushed();
    assert_eq!(stage.branches()[&offer.branch], head);
    let loot = fs::read_to_string(loot).unwrap();
    let token = &stage.tokens["dev"];
    assert!(!loot.contains(token) && !loot.to_lowercase().contains("authorization"), "{loot}");
    let trapped = fs::read_to_string(trap).unwrap_or_default();
    assert!(!trapped.to_lowercase().contains("authorization"), "{trapped}");
    stage.finish().await;
}

#[tokio::test]
async fn f_022_a_saturated_agent_rests_and_its_twin_works() {
    let mut stage = Stage::new().await;
    let until_when =
        (now() + Duration::from_secs(3600)).format(&time::format_description::well_known::Rfc3339).unwrap();
    let script = format!(r#"echo '{{"outcome":"saturated","until":"{until_when}","why":"429"}}'"#);
    let tired = stage.program("tired", &script);
    let fresh = stage.program("fresh", &format!("{COMMIT}{DONE}"));
    stage.agent(&with_program("dev-e", &tired)).await;
    let (first, end) = stage.built("One").await;
    assert!(matches!(end.failure(), Failure::Saturated { .. }));
    until("it says that it rests", async || {
        stage.lives().await.iter().any(|(who, alive)| who == "dev-e" && alive.resting_until.is_some())
    })
    .await;
    stage.agent(&with_program("dev-f", &fresh)).await;
    for (number, title) in [(2, "Two"), (3, "Three"), (4, "Four")] {
        let (offer, end) = stage.built(title).await;
        assert_eq!((offer.item.number.0, end.who()), (number, "dev-f"));
    }
    let again = stage.offer(first.item.number, "One", Task::Build, 2);
    stage.put(&again).await;
    assert_eq!(stage.end(&again).await.who(), "dev-f");
    stage.finish().await;
}

#[tokio::test]
async fn f_028_a_run_longer_than_the_patience_of_the_server_runs_once() {
    let mut stage = Stage::new().await;
    stage.ack_wait(Duration::from_secs(1)).await;
    let starts = stage.folder.path().join("starts");
    let script = format!("echo start >> {}; sleep 4; {COMMIT}{DONE}", starts.display());
    let program = stage.program("brain", &script);
    stage.agent(&with_program("dev-e", &program)).await;
    stage.agent(&with_program("dev-f", &program)).await;
    let began = Instant::now();
    let (offer, end) = stage.built("Do it").await;
    end.pushed();
    assert!(began.elapsed() > Duration::from_secs(3));
    stage.until_acknowledged().await;
    assert_eq!(fs::read_to_string(starts).unwrap().lines().count(), 1);
    assert_eq!(stage.ends(offer.fence.run).await.len(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn every_turn_is_recorded_for_people() {
    let mut stage = Stage::new().await;
    let script = "if [ ! -e step ]; then echo step > step; echo '{\"say\":\"a step\"}'; echo 'so it goes' >&2\n\
                  echo '{\"outcome\":\"more\"}'; exit; fi\n";
    let program = stage.program("brain", &format!("{script}{COMMIT}{DONE}"));
    stage.agent(&with_program("dev-e", &program)).await;
    let (offer, end) = stage.built("Do it").await;
    end.pushed();
    let run = offer.fence.run;
    until("both turns are recorded", async || stage.turns("dev-e", run).await.len() == 4).await;
    let turns = stage.turns("dev-e", run).await;
    let outcome = |at: usize| turns[at].end.as_ref().map(|end| end.outcome.as_str());
    assert_eq!(turns.iter().map(|turn| turn.turn).collect::<Vec<_>>(), [1, 1, 2, 2]);
    assert_eq!([0, 1, 2, 3].map(outcome), [None, Some("more"), None, Some("done")]);
    let first = turns[1].end.as_ref().unwrap();
    assert_eq!((&first.said[..], first.talk.as_str()), (&["a step".to_owned()][..], "so it goes\n"));
    assert!(turns.iter().all(|turn| turn.fence == offer.fence && turn.brain == "command"));
    assert!(turns[1].say.contains("dev-e") && turns[1].say.ends_with("ended: more."), "{}", turns[1].say);
    stage.finish().await;
}

#[tokio::test]
async fn what_people_say_to_a_run_reaches_its_program_at_once_and_in_the_next_turn() {
    let mut stage = Stage::new().await;
    let told = stage.folder.path().join("told");
    let script = format!(
        "if [ ! -e step ]; then echo step > step; echo '{{\"say\":\"listening\"}}'\n\
         until grep -q louder $RIG_SAID; do sleep 0.02; done; echo '{{\"outcome\":\"more\"}}'; exit; fi\n\
         cat > {}\n{DONE}",
        told.display()
    );
    let program = stage.program("brain", &script);
    stage.agent(&with_program("dev-e", &program)).await;
    let number = stage.issue("Do it", "").await;
    let offer = stage.offer(number, "Do it", Task::Build, 1);
    stage.words.tell(offer.fence.run, "nora", "In blue, please.");
    stage.put(&offer).await;
    until("it listens", async || !stage.progress(offer.fence.run).await.is_empty()).await;
    stage.words.tell(offer.fence.run, "ada", "And \"louder\"\nif you can.");
    stage.end(&offer).await.pushed();
    let task: serde_json::Value = serde_json::from_slice(&fs::read(told).unwrap()).unwrap();
    let said = |at: usize| (task["said"][at]["who"].clone(), task["said"][at]["say"].clone());
    assert_eq!(said(0), ("nora".into(), "In blue, please.".into()));
    assert_eq!(said(1), ("ada".into(), "And \"louder\"\nif you can.".into()));
    assert_eq!(task["said"].as_array().unwrap().len(), 2, "each is told once: {task}");
    stage.finish().await;
}

#[tokio::test]
async fn a_rehearsal_says_that_it_changes_nothing_for_what_it_is_told() {
    let mut stage = Stage::new().await;
    stage.agent(DEV_E).await;
    let number = stage.issue(GREET, "").await;
    let offer = stage.offer(number, GREET, Task::Build, 1);
    stage.words.tell(offer.fence.run, "nora", "In blue, please.");
    stage.put(&offer).await;
    stage.end(&offer).await.pushed();
    let said = stage.progress(offer.fence.run).await;
    assert!(said[0].contains("nora") && said[0].contains("only rehearse"), "{said:?}");
    assert!(said[1].starts_with("I take it as"), "{said:?}");
    stage.finish().await;
}

#[tokio::test]
async fn an_offer_that_cannot_be_read_ends_as_a_failure_or_is_handed_in() {
    let mut stage = Stage::new().await;
    stage.agent(DEV_E).await;
    let number = stage.issue(GREET, "").await;
    let offer = stage.offer(number, GREET, Task::Build, 1);
    // Of a version that is not known here: the fence can be read, the task cannot.
    let mut newer = serde_json::to_value(&offer).unwrap();
    newer["task"] = serde_json::json!({ "do": "meditate" });
    stage.put_as("implementer", offer.fence.run, newer).await;
    let Failure::Broken { error } = stage.end(&offer).await.failure() else { panic!("another failure") };
    assert!(error.contains("cannot be read") && error.contains("meditate"), "{error}");
    // Of nobody's: nothing of it can be read.
    stage.put_as("implementer", stage.offer(number, GREET, Task::Build, 2).fence.run, "words").await;
    until("it is handed in", async || stage.words.parked().len() == 1).await;
    let parked = stage.words.parked().remove(0);
    assert!(parked.deliveries == 1 && parked.sequence > 1, "{parked:?}");
    stage.until_acknowledged().await;
    let (_, end) = stage.built("And on it goes").await;
    end.pushed();
    assert_eq!(stage.words.parked().len(), 1, "it is handed in once");
    stage.finish().await;
}

#[tokio::test]
async fn an_offer_of_the_past_is_left_alone() {
    let mut stage = Stage::new().await;
    let program = stage.program("brain", &format!("{COMMIT}{DONE}"));
    let number = stage.issue("Do it", "").await;
    let offer = stage.offer(number, "Do it", Task::Build, 1);
    stage.words.stop(offer.fence.run);
    stage.put(&offer).await;
    stage.agent(&with_program("dev-e", &program)).await;
    until("it asked", async || !stage.words.askers(offer.fence.run).is_empty()).await;
    stage.until_acknowledged().await;
    assert!(stage.branches().is_empty() && stage.ends(offer.fence.run).await.is_empty());
    assert!(is_empty(&stage.home("dev-e").join("runs")), "what was made ahead of the word was left");
    stage.finish().await;
}
