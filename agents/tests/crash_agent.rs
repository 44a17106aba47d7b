//! Agents that are killed: what they began is gone on with, and nothing of theirs is left running.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "tests")]

mod stage;

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use bus::{catalogue::work::Task, service::run::Next};
use stage::{End, Stage, Wire, until, with_program};

/// An agent in a process of its own. Dropped, it is killed.
struct Process(Child);

impl Process {
    fn start(stage: &Stage, name: &str, character: &str) -> Self {
        Self::told(&stage.wanted(name, character))
    }

    /// One that has the channel over a wire that can be cut.
    fn start_over(wire: &Wire, stage: &Stage, name: &str, character: &str) -> Self {
        let mut wanted = stage.wanted(name, character);
        wanted["url"] = stage.url_over(wire, name).into();
        Self::told(&wanted)
    }

    fn told(wanted: &serde_json::Value) -> Self {
        let mut child = Command::new(program()).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&serde_json::to_vec(wanted).unwrap()).unwrap();
        Self(child)
    }

    /// kill -9.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.0.kill().is_ok() {
            let _ = self.0.wait();
        }
    }
}

/// The example beside this test.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().parent().unwrap().join("examples/agent")
}

/// A brain that pushes a first step, and then works for ever, unless it finds that step.
fn two_steps(stage: &Stage, pids: &std::path::Path) -> PathBuf {
    stage.program(
        "brain",
        &format!(
            "if [ ! -e step.txt ]; then echo step > step.txt; echo '{{\"outcome\":\"more\"}}'; exit 0; fi\n\
             if [ -e {pids} ]; then echo whole > whole.txt; echo '{{\"outcome\":\"done\"}}'; exit 0; fi\n\
             echo $$ > {pids}.new; mv {pids}.new {pids}; while :; do sleep 0.1; done",
            pids = pids.display()
        ),
    )
}

fn lives(pid: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    status.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

/// Kills dev-e in mid-run, and lets `heir` go on.
async fn killed_in_mid_run(heir: &str) {
    let stage = Stage::new().await;
    stage.ack_wait(Duration::from_secs(2)).await;
    let pids = stage.folder.path().join("pids");
    let program = two_steps(&stage, &pids);
    let first = Process::start(&stage, "dev-e", &with_program("dev-e", &program));
    let number = stage.issue("Do it", "").await;
    let offer = stage.offer(number, "Do it", Task::Build, 1);
    stage.put(&offer).await;
    until("the second turn goes on", async || pids.exists()).await;
    let step = stage.branches()[&offer.branch];
    first.kill();
    let other = stage.offer(stage.issue("Another", "").await, "Another", Task::Build, 1);
    if heir == "dev-e" {
        stage.put(&other).await;
    }
    let second = Process::start(&stage, heir, &with_program(heir, &program));
    let end = stage.end(&offer).await;
    assert_eq!(end.who(), heir);
    let (head, ..) = end.pushed();
    assert_ne!(head, step);
    assert_eq!(stage.branches()[&offer.branch], head);
    if heir == "dev-e" {
        stage.end(&other).await.pushed();
        let said = stage.said().await;
        let at = |run, kind: &str| {
            let run = serde_json::json!(run);
            said.iter().position(|(_, told, data)| told == kind && data["run"] == run).unwrap()
        };
        let own = at(offer.fence.run, "rig.agent.finished.v1");
        assert!(own < at(other.fence.run, "rig.agent.claimed.v1"), "it began something new before it ended its own");
    } else {
        assert_eq!(stage.branches().len(), 1, "one branch an issue");
    }
    assert_eq!(stage.files(head).await, ["index.html", "step.txt", "whole.txt"]);
    stage.until_acknowledged().await;
    assert_eq!(stage.ends(offer.fence.run).await.len(), 1);
    second.kill();
    let orphan = fs::read_to_string(&pids).unwrap();
    if heir == "dev-e" {
        assert!(!lives(&orphan), "what the first left was not ended");
        assert!(fs::read_dir(stage.home("dev-e").join("runs")).unwrap().next().is_none(), "a folder was left");
    } else {
        // Another agent does not touch what is not its own; the first cleans up when it comes back.
        let back = Process::start(&stage, "dev-e", &with_program("dev-e", &program));
        until("what was left is ended", async || !lives(&orphan)).await;
        back.kill();
    }
    stage.finish().await;
}

/// What a run keeps comes to whoever goes on with it, who says nothing a second time.
async fn goes_on_from_what_was_kept(heir: &str) {
    let stage = Stage::new().await;
    stage.ack_wait(Duration::from_secs(2)).await;
    let (kept, told) = (stage.folder.path().join("kept"), stage.folder.path().join("told"));
    let script = format!(
        "cat > {told}.new; mv {told}.new {told}\n\
         if [ ! -e step ]; then echo step > step; echo '{{\"say\":\"first\"}}'; echo '{{\"outcome\":\"more\"}}'; exit; fi\n\
         echo '{{\"say\":\"I look around\"}}'\n\
         if grep -q '\"state\":{{\"seen\":7}}' {told}; then echo '{{\"say\":\"I know it\"}}'; echo w > w\n\
         echo '{{\"outcome\":\"done\"}}'; exit; fi\n\
         echo '{{\"state\":{{\"seen\":7}}}}'; echo '{{\"say\":\"I saw it\"}}'; touch {kept}; while :; do sleep 0.1; done",
        told = told.display(),
        kept = kept.display()
    );
    let program = stage.program("brain", &script);
    let first = Process::start(&stage, "dev-e", &with_program("dev-e", &program));
    let number = stage.issue("Do it", "").await;
    let offer = stage.offer(number, "Do it", Task::Build, 1);
    stage.put(&offer).await;
    let run = offer.fence.run;
    until("it keeps what it saw and said", async || {
        kept.exists() && stage.words.kept(run)["said"] == serde_json::json!(["I look around", "I saw it"])
    })
    .await;
    first.kill();
    let second = Process::start(&stage, heir, &with_program(heir, &program));
    let end = stage.end(&offer).await;
    assert_eq!(end.who(), heir);
    end.pushed();
    assert_eq!(stage.progress(run).await, ["first", "I look around", "I saw it", "I know it"]);
    let task: serde_json::Value = serde_json::from_slice(&fs::read(&told).unwrap()).unwrap();
    assert_eq!((&task["turn"], &task["state"]), (&2.into(), &serde_json::json!({ "seen": 7 })), "{task}");
    until("nothing is kept of what is done", async || stage.words.kept(run).is_null()).await;
    second.kill();
    stage.finish().await;
}

#[tokio::test]
async fn an_agent_killed_before_it_has_the_word_has_begun_nothing_and_begins_anew() {
    let stage = Stage::new().await;
    stage.ack_wait(Duration::from_secs(2)).await;
    let begun = stage.folder.path().join("begun");
    let script = format!("touch {}; echo more > more.txt; echo '{{\"outcome\":\"done\"}}'", begun.display());
    let program = stage.program("brain", &script);
    let number = stage.issue("Do it", "").await;
    let offer = stage.offer(number, "Do it", Task::Build, 1);
    let run = offer.fence.run;
    stage.words.say(run, Next::Ask);
    stage.put(&offer).await;
    let first = Process::start(&stage, "dev-e", &with_program("dev-e", &program));
    let runs = stage.home("dev-e").join("runs");
    until("its tree is made", async || runs.join(format!("{run}.1/tree/index.html")).exists()).await;
    until("it asked", async || !stage.words.askers(run).is_empty()).await;
    first.kill();
    assert!(!begun.exists(), "its brain began without the word");
    stage.words.say(run, Next::Go { say: Vec::new() });
    let second = Process::start(&stage, "dev-e", &with_program("dev-e", &program));
    let (head, ..) = stage.end(&offer).await.pushed();
    assert_eq!(stage.files(head).await, ["index.html", "more.txt"]);
    stage.until_acknowledged().await;
    assert_eq!(stage.ends(run).await.len(), 1);
    assert!(fs::read_dir(&runs).unwrap().next().is_none(), "a folder was left");
    second.kill();
    stage.finish().await;
}

#[tokio::test]
async fn a_restarted_agent_goes_on_from_what_its_run_kept() {
    goes_on_from_what_was_kept("dev-e").await;
}

#[tokio::test]
async fn a_twin_goes_on_from_what_the_run_kept() {
    goes_on_from_what_was_kept("dev-f").await;
}

#[tokio::test]
async fn f_108_a_restarted_agent_goes_on_with_its_own_work_first() {
    killed_in_mid_run("dev-e").await;
}

#[tokio::test]
async fn f_109_a_twin_takes_over_without_a_second_branch() {
    killed_in_mid_run("dev-f").await;
}

/// The channel is cut in mid-run, and GitHub is not. Meanwhile the lease ends, and a twin does the work; the late run is
/// told to stop when the wire is whole again.
#[tokio::test]
async fn f_100_a_run_whose_wire_was_cut_pushes_nothing_when_it_comes_back() {
    let stage = Stage::new().await;
    stage.ack_wait(Duration::from_secs(2)).await;
    let (begun, go) = (stage.folder.path().join("begun"), stage.folder.path().join("go"));
    let late = format!(
        "touch {}; while [ ! -e {} ]; do sleep 0.05; done; echo late > late.txt; echo '{{\"outcome\":\"done\"}}'",
        begun.display(),
        go.display()
    );
    let late = with_program("dev-e", &stage.program("late", &late));
    let twin = stage.program("twin", "echo more > more.txt; echo '{\"outcome\":\"done\"}'");
    let wire = Wire::to(stage.nats.client_address()).await;
    let first = Process::start_over(&wire, &stage, "dev-e", &late);
    let number = stage.issue("Do it", "").await;
    let (offer, again) = (stage.offer(number, "Do it", Task::Build, 1), stage.offer(number, "Do it", Task::Build, 2));
    stage.put(&offer).await;
    until("the first turn goes on", async || begun.exists()).await;
    wire.cut();
    stage.words.stop(offer.fence.run);
    let second = Process::start(&stage, "dev-f", &with_program("dev-f", &twin));
    stage.put(&again).await;
    let end = stage.end(&again).await;
    assert_eq!(end.who(), "dev-f");
    let (head, ..) = end.pushed();
    let asked = stage.words.askers(offer.fence.run).len();
    let run = stage.home("dev-e").join("runs").join(format!("{}.1", offer.fence.run));
    fs::write(&go, "").unwrap();
    until("the late turn is over", async || run.join("tree/late.txt").exists()).await;
    wire.mend();
    until("it asks, and is told to stop", async || stage.words.askers(offer.fence.run).len() > asked).await;
    until("it has cleaned up", async || !run.exists()).await;
    assert_eq!(stage.branches(), [(offer.branch.clone(), head)].into(), "it pushed all the same");
    assert_eq!(stage.files(head).await, ["index.html", "more.txt"]);
    let finished = |end: &End| matches!(end, End::Finished(..));
    assert!(!stage.ends(offer.fence.run).await.iter().any(finished), "it said that it was done");
    stage.until_acknowledged().await;
    first.kill();
    second.kill();
    stage.finish().await;
}
