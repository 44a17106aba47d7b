//! What `docs/subscribe.md` shows is run here, in a bare environment: each block of it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs, reason = "tests")]

mod world;

use std::{fs, path::Path};

use serde_json::{Value, json};
use uuid::Uuid;
use world::{Rig, programs::Program, start::RIG, until};

/// A fenced block: its language and its text.
type Block = (String, String);

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/subscribe.md")).unwrap()
}

/// The blocks of a section.
fn blocks(heading: &str) -> Vec<Block> {
    let page = page();
    let section = page.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let mut parts = section.split("```");
    parts.next();
    let mut found = Vec::new();
    while let (Some(block), Some(_)) = (parts.next(), parts.next()) {
        let (language, text) = block.split_once('\n').unwrap();
        found.push((language.to_owned(), text.to_owned()));
    }
    found
}

fn recipe(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/recipes").join(name)).unwrap()
}

/// A shell in the folder that holds `.rig`, with `rig` on the path and nothing else.
struct Shell<'a> {
    rig: &'a Rig,
}

impl<'a> Shell<'a> {
    fn new(rig: &'a Rig) -> Self {
        std::os::unix::fs::symlink(rig.folder(), rig.scratch().join(".rig")).unwrap();
        Self { rig }
    }

    /// Types a block; what it printed.
    async fn typed(&self, block: &Block) -> String {
        assert_eq!(block.0, "sh");
        let mut program = Program::in_folder(self.rig.scratch().to_path_buf(), "sh -eu block.sh");
        fs::write(self.rig.scratch().join("block.sh"), &block.1).unwrap();
        let ended = program.run(self.rig).await;
        assert_eq!(ended.code, Some(0), "{}\n{}", block.1, ended.stderr);
        ended.stdout
    }
}

/// A finished run of a workflow.
fn workflow_run(conclusion: &str, branch: &str) -> Value {
    json!({
        "action": "completed",
        "workflow_run": {"id": 1, "name": "CI", "head_branch": branch, "conclusion": conclusion,
                         "html_url": "https://github.com/acme/site/actions/runs/1"},
        "repository": {"id": 1, "name": "site", "full_name": "acme/site", "default_branch": "main",
                       "owner": {"login": "acme"}},
        "sender": {"login": "nora", "id": 7}
    })
}

#[tokio::test]
async fn ten_minutes_and_what_to_look_at() {
    assert!(Path::new(RIG).exists());
    let rig = Rig::up().await;
    let shell = Shell::new(&rig);
    let [add, run, say] = &blocks("Ten minutes")[..] else { panic!("another number of blocks") };
    assert!(shell.typed(add).await.contains("subscriber.py"));
    let (folder, line) = run.1.trim().strip_prefix("cd .rig/").unwrap().split_once(" && ").unwrap();
    let mut program = Program::in_folder(rig.folder().join(folder), line);
    program.start(&rig);
    shell.typed(say).await;
    until("the record", async || {
        let record: Value = serde_json::from_str(program.printed().first()?).unwrap();
        assert_eq!(record["data"]["say"], "Hello, subscriber");
        Some(())
    })
    .await;

    let [look] = &blocks("What you can ask for")[..] else { panic!("another number of blocks") };
    // Without a word it would go on for good.
    let look = (look.0.clone(), look.1.replace("--json", "--json --until-idle"));
    assert!(shell.typed(&look).await.contains("Hello, subscriber"));

    let [lost, remove] = &blocks("When nothing comes")[..] else { panic!("another number of blocks") };
    assert!(shell.typed(lost).await.contains("hello            up to date"));
    assert!(shell.typed(remove).await.contains("hello is out"));
    rig.finish().await;
}

#[tokio::test]
async fn the_lamp_is_what_main_is_whatever_is_killed() {
    let rig = Rig::up().await;
    let [add, program] = &blocks("The lamp")[..] else { panic!("another number of blocks") };
    assert_eq!(*program, ("python".to_owned(), recipe("lamp.py")), "the page shows the file");
    Shell::new(&rig).typed(add).await;
    let mut lamp = Program::new(&rig, "lamp", "python3 lamp.py");
    fs::write(lamp.folder.join("lamp.py"), &program.1).unwrap();
    lamp.start(&rig);
    let file = lamp.folder.join("lamp");
    let is = async |colour: &str| {
        until(&format!("the lamp to be {colour}"), async || {
            let lamp: Value = serde_json::from_str(&fs::read_to_string(&file).ok()?).unwrap();
            (lamp["lamp"] == colour).then_some(())
        })
        .await;
    };
    rig.post("workflow_run", &workflow_run("success", "main")).await.sequence();
    is("green").await;
    rig.post("workflow_run", &workflow_run("failure", "main")).await.sequence();
    is("red").await;
    lamp.kill().await;
    rig.kill_nats();
    // Neither cancelled nor another branch's success makes main green.
    for (conclusion, branch) in [("cancelled", "main"), ("success", "topic")] {
        let body = serde_json::to_vec(&workflow_run(conclusion, branch)).unwrap();
        until("it to be stored", async || {
            let answer = rig.github().post(Uuid::new_v4(), "workflow_run", body.clone()).await?;
            (answer.status == 202).then_some(())
        })
        .await;
    }
    lamp.start(&rig);
    until("it to catch up", async || {
        let listed = rig.command(&["subscriber", "list"]).await.stdout;
        listed.contains("up to date").then_some(())
    })
    .await;
    is("red").await;
    rig.post("workflow_run", &workflow_run("success", "main")).await.sequence();
    is("green").await;
    rig.finish().await;
}

#[tokio::test]
async fn the_ledger_has_each_record_once_whatever_is_killed_and_however_often_it_comes() {
    let rig = Rig::up().await;
    let [add, program] = &blocks("The ledger")[..] else { panic!("another number of blocks") };
    assert_eq!(*program, ("js".to_owned(), recipe("ledger.mjs")), "the page shows the file");
    let shell = Shell::new(&rig);
    shell.typed(add).await;
    let mut ledger = Program::new(&rig, "ledger", "node ledger.mjs");
    fs::write(ledger.folder.join("ledger.mjs"), &program.1).unwrap();
    let file = ledger.folder.join("ledger.jsonl");
    let lines = || fs::read_to_string(&file).unwrap_or_default();
    ledger.start(&rig);
    for n in 0..24 {
        match n {
            8 => ledger.kill().await,
            10 => {
                // As a crash in the middle of a write leaves it.
                let torn = lines() + "{\"specversion\":\"1.0\",\"id\":\"01a2";
                fs::write(&file, torn).unwrap();
                ledger.start(&rig);
            }
            16 => rig.kill_nats(),
            _ => {}
        }
        rig.say("general", &format!("entry {n}\nin two lines")).await;
    }
    rig.post("workflow_run", &workflow_run("success", "main")).await.sequence();
    let expected: String = rig
        .records()
        .await
        .iter()
        .filter(|record| !record.subject.starts_with("rig.evt.due."))
        .map(|record| String::from_utf8(record.body.to_vec()).unwrap().replace(['\r', '\n'], " ") + "\n")
        .collect();
    assert_eq!(expected.lines().count(), 25);
    until("the ledger to be whole", async || (lines().len() >= expected.len()).then_some(())).await;
    assert_eq!(lines(), expected);

    // Everything comes again, as after a restored LOG.
    ledger.kill().await;
    assert_eq!(rig.command(&["subscriber", "remove", "ledger"]).await.code, Some(0));
    shell.typed(add).await;
    ledger.start(&rig);
    until("it to have seen everything again", async || {
        let listed = rig.command(&["subscriber", "list"]).await.stdout;
        listed.contains("up to date").then_some(())
    })
    .await;
    assert_eq!(lines(), expected);
    rig.finish().await;
}

#[tokio::test]
async fn catching_up_prints_what_is_new_and_ends() {
    let rig = Rig::up().await;
    rig.say("general", "yesterday").await;
    let shell = Shell::new(&rig);
    let [add, each] = &blocks("Catch up")[..] else { panic!("another number of blocks") };
    let printed = shell.typed(add).await;
    assert!(printed.contains("yesterday"), "{printed}");
    rig.say("ops", "today").await;
    let recipe = ("sh".to_owned(), recipe("catch-up.sh").replace("./nats_url", ".rig/subscribers/morning/nats_url"));
    let printed = shell.typed(&recipe).await;
    assert!(printed.contains("today") && !printed.contains("yesterday"), "{printed}");
    rig.say("ops", "tomorrow").await;
    shell.typed(each).await;
    let subjects = fs::read_to_string(rig.scratch().join("subjects.txt")).unwrap();
    assert_eq!(subjects, "rig.evt.chat.ops.operator.operator\n");
    rig.finish().await;
}

#[test]
fn every_block_of_the_page_is_run() {
    let known = ["Ten minutes", "What you can ask for", "The lamp", "The ledger", "Catch up", "When nothing comes"];
    let run: usize = known.iter().map(|heading| blocks(heading).len()).sum();
    assert_eq!(run, page().matches("\n```").count() / 2, "a block that no test runs");
    assert!(run >= 12, "the page has its blocks");
}
