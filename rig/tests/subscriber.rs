//! Subscribers: a credential that may do nothing else, and programs in three languages that see every record as it was
//! published, in order, whatever is killed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, missing_docs, reason = "tests")]

mod world;

use std::time::{Duration, Instant};

use bus::{Sequenced, connect::connect};
use serde_json::{Value, value::RawValue};
use uuid::Uuid;
use world::{
    PATIENCE, Rig, Start,
    programs::{Program, edit},
    until,
    webhook::issue,
};

async fn add(rig: &Rig, args: &[&str]) {
    let ended = rig.command(&[&["subscriber", "add"], args].concat()).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

/// The records of these kinds, byte for byte.
fn bodies(records: &[Sequenced], families: &[&str]) -> Vec<String> {
    let fits = |record: &&Sequenced| families.iter().any(|family| record.subject.starts_with(family));
    records.iter().filter(fits).map(|record| String::from_utf8(record.body.to_vec()).unwrap()).collect()
}

fn one_line(record: &str) -> String {
    record.replace(['\r', '\n'], " ")
}

/// What a program printed, record by record and byte for byte; what a kill tore off at the end of a life is left out.
fn seen(program: &Program) -> Vec<String> {
    let whole = |text: String| {
        let records = serde_json::Deserializer::from_str(&text).into_iter::<Box<RawValue>>();
        records.map_while(Result::ok).map(|record| record.get().to_owned()).collect::<Vec<String>>()
    };
    program.texts().into_iter().flat_map(whole).collect()
}

/// How often a reader went back to records that it had seen. Forward it must go record by record, from the first on.
fn went_back(seen: &[String], expected: &[String]) -> usize {
    let place = |record| expected.iter().position(|other| other == record).unwrap_or_else(|| panic!("{record}"));
    let places: Vec<usize> = seen.iter().map(place).collect();
    assert_eq!(places[0], 0, "{places:?}");
    assert!(places.is_sorted_by(|before, next| *next <= before + 1), "a gap that nobody told of: {places:?}");
    places.windows(2).filter(|pair| pair[1] <= pair[0]).count()
}

/// Without what was printed again.
fn firsts(printed: &[String]) -> Vec<String> {
    let mut firsts: Vec<String> = Vec::new();
    for line in printed {
        if !firsts.contains(line) {
            firsts.push(line.clone());
        }
    }
    firsts
}

/// Waits until a program has seen every record; how often it went back.
async fn all_of(program: &Program, expected: &[String], seen: impl Fn(&Program) -> Vec<String>) -> usize {
    let deadline = Instant::now() + PATIENCE;
    while !seen(program).contains(&expected[expected.len() - 1]) {
        let count = firsts(&seen(program)).len();
        assert!(Instant::now() < deadline, "{count} of {}: {}", expected.len(), program.said());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    went_back(&seen(program), expected)
}

/// The record in a line that `rig tail` gave.
fn record_in(line: &str) -> String {
    let start = line.find("\"record\":").unwrap() + "\"record\":".len();
    line[start..line.len() - 1].to_owned()
}

/// A payload whose bytes say more than a JSON library keeps.
const ODD: &str = "{\r\n \"n\": 12345678901234567890123.50e-2,\n \"action\": \"opened\", \"s\": \"\\u0000 \\ud800 ü\",\n \
                   \"repository\": {\"id\": 1, \"name\": \"site\", \"full_name\": \"acme/site\", \
                   \"owner\": {\"login\": \"acme\"}}\n}";

#[tokio::test]
async fn programs_in_three_languages_see_every_record_as_published_in_order_whatever_is_killed() {
    let rig = Rig::up().await;
    let mut programs = Vec::new();
    for (name, lang, line) in [
        ("in-python", "python", "python3 subscriber.py"),
        ("in-js", "js", "node subscriber.mjs"),
        ("in-shell", "shell", "sh subscriber.sh"),
    ] {
        add(&rig, &[name, "--events", "said,issues", "--lang", lang]).await;
        programs.push(Program::new(&rig, name, line));
    }
    rig.say("general", "before anybody listens").await;
    for program in &mut programs {
        program.start(&rig);
    }
    for n in 0..36_u128 {
        match n {
            6 => programs[0].kill().await,
            12 => programs[1].kill().await,
            24 => programs[2].kill().await,
            9 => programs[0].start(&rig),
            15 => programs[1].start(&rig),
            27 => programs[2].start(&rig),
            18 | 30 => rig.kill_nats(),
            _ => {}
        }
        if n % 3 == 0 {
            until("GitHub's delivery to be stored", async || {
                let answer = rig.github().post(Uuid::from_u128(n), "issues", ODD.into()).await?;
                (answer.status == 202).then_some(())
            })
            .await;
        } else {
            rig.say("general", &format!("words {n}\nin two lines")).await;
        }
    }
    let expected = bodies(&rig.records().await, &["rig.evt.chat.", "rig.evt.github."]);
    assert_eq!(expected.len(), 37);
    let in_lines: Vec<String> = expected.iter().map(|record| one_line(record)).collect();
    let [python, js, shell] = &programs[..] else { panic!("another number of programs") };
    // Each life of the program and of the server ends at most one record before its acknowledgement is kept.
    assert!(all_of(python, &expected, seen).await <= 3);
    assert!(all_of(js, &expected, seen).await <= 3);
    // It remembers the ids, so only its own end comes between a deed and the memory of it.
    let unwrapped = |program: &Program| program.printed().iter().map(|line| record_in(line)).collect();
    assert!(all_of(shell, &in_lines, unwrapped).await <= 1);
    rig.finish().await;
}

#[tokio::test]
async fn a_server_that_dies_between_deed_and_acknowledgement_ends_no_program() {
    let rig = Rig::up().await;
    let mut programs = Vec::new();
    for (lang, line, file, acknowledge, kill) in [
        ("python", "python3 subscriber.py", "subscriber.py", "            await message.ack_sync()", PYTHON_KILLS),
        ("js", "node subscriber.mjs", "subscriber.mjs", "  await message.ackAck()", JS_KILLS),
    ] {
        add(&rig, &[lang, "--events", "said", "--lang", lang]).await;
        let mut program = Program::new(&rig, lang, line);
        let kill = kill.replace("PID", &rig.nats_pid().to_string());
        edit(&program.folder.join(file), acknowledge, &format!("{kill}{acknowledge}"));
        program.start(&rig);
        rig.say("general", lang).await;
        until("the server's end", async || program.folder.join("killed").exists().then_some(())).await;
        programs.push(program);
    }
    rig.say("general", "after it").await;
    for program in &programs {
        let last = async || program.printed().last().is_some_and(|line| say_in(line) == "after it").then_some(());
        until("the words after it", last).await;
        let says: Vec<String> = program.printed().iter().map(|line| say_in(line)).collect();
        assert_eq!(firsts(&says), ["python", "js", "after it"], "{}", program.said());
    }
    rig.finish().await;
}

/// Before its first acknowledgement, and with nothing in between that could notice.
const PYTHON_KILLS: &str = "            import os
            if not os.path.exists(\"killed\"):
                os.kill(PID, 9)
                open(\"killed\", \"w\").close()
";
const JS_KILLS: &str = "  const fs = await import(\"node:fs\");
  if (!fs.existsSync(\"killed\")) {
    process.kill(PID, \"SIGKILL\");
    fs.writeFileSync(\"killed\", \"\");
  }
";

#[tokio::test]
async fn a_publish_that_is_refused_reaches_the_programs_error_callback() {
    let rig = Rig::up().await;
    for (lang, line, file, before, publish) in [
        (
            "python",
            "python3 subscriber.py",
            "subscriber.py",
            "    records = await",
            "    await bus.publish(\"rig.evt.chat.general.operator.nora\", b\"{}\")\n",
        ),
        (
            "js",
            "node subscriber.mjs",
            "subscriber.mjs",
            "const durable =",
            "bus.publish(\"rig.evt.chat.general.operator.nora\", \"{}\");\n",
        ),
    ] {
        add(&rig, &[lang, "--events", "said", "--lang", lang]).await;
        let mut program = Program::new(&rig, lang, line);
        edit(&program.folder.join(file), before, &format!("{publish}{before}"));
        program.start(&rig);
        let said = until("the refusal", async || {
            let said = program.said();
            said.to_lowercase().contains("permissions violation for publish").then_some(said)
        })
        .await;
        assert!(said.contains("the server says:"), "{said}");
    }
    // The server's window says it too.
    rig.until_said("rig.evt.chat.general.operator.nora").await;
    assert!(rig.records().await.iter().all(|record| !record.subject.starts_with("rig.evt.chat.")));
    rig.finish().await;
}

#[tokio::test]
async fn the_credential_may_do_nothing_but_take_its_own_records() {
    let rig = Rig::up().await;
    add(&rig, &["ci-lamp", "--events", "said", "--lang", "shell"]).await;
    add(&rig, &["other", "--events", "issues", "--lang", "shell"]).await;
    let url = std::fs::read_to_string(rig.folder().join("subscribers/ci-lamp/nats_url")).unwrap();
    let guest = connect(url.trim(), "test", PATIENCE).await.unwrap();
    let mut refusals = guest.refusals();
    for subject in [
        "rig.evt.chat.general.operator.nora",
        "rig.say.chat.general.ci-lamp",
        "rig.svc.chat.say",
        "rig.svc.status.log",
        "$JS.API.STREAM.INFO.LOG",
        "$JS.API.CONSUMER.INFO.LOG.sub-ci-lamp",
        "$JS.API.CONSUMER.CREATE.LOG.mine",
        "$JS.API.CONSUMER.MSG.NEXT.LOG.sub-other",
        "$JS.ACK.LOG.sub-other.1.1.1.1.1",
    ] {
        guest.client().publish(subject, "{}".into()).await.unwrap();
        let refusal = tokio::time::timeout(PATIENCE, refusals.recv()).await.unwrap().unwrap();
        assert!(refusal.contains(subject), "{subject}: {refusal}");
    }
    for subject in ["rig.evt.>", ">", "_INBOX.other.>", "$JS.>"] {
        let _listening = guest.client().subscribe(subject).await.unwrap();
        let refusal = tokio::time::timeout(PATIENCE, refusals.recv()).await.unwrap().unwrap();
        assert!(refusal.contains(subject), "{subject}: {refusal}");
    }
    assert_eq!(bodies(&rig.records().await, &["rig.evt.chat.", "rig.evt.agent."]), [""; 0]);
    rig.finish().await;
}

#[tokio::test]
async fn adding_and_removing_leaves_everybody_else_connected() {
    let rig = Rig::up().await;
    add(&rig, &["first", "--events", "said", "--lang", "python"]).await;
    let url = std::fs::read_to_string(rig.folder().join("subscribers/first/nats_url")).unwrap();
    let guest = connect(url.trim(), "test", PATIENCE).await.unwrap();
    let operator = rig.operator().await;
    let before = (*guest.link().borrow(), *operator.link().borrow());
    let mut program = Program::new(&rig, "first", "python3 subscriber.py");
    program.start(&rig);
    rig.say("general", "one").await;
    until("the first words", async || (program.printed().len() == 1).then_some(())).await;

    add(&rig, &["second", "--events", "said", "--lang", "shell"]).await;
    rig.say("general", "two").await;
    let told = Instant::now();
    until("the second words", async || (program.printed().len() == 2).then_some(())).await;
    assert!(told.elapsed() < Duration::from_secs(4), "its records stopped for {:?}", told.elapsed());

    let removed = rig.command(&["subscriber", "remove", "second"]).await;
    assert_eq!(removed.code, Some(0), "{}", removed.stderr);
    rig.say("general", "three").await;
    until("the third words", async || (program.printed().len() == 3).then_some(())).await;
    assert_eq!(before, (*guest.link().borrow(), *operator.link().borrow()), "a connection was closed");
    rig.finish().await;
}

#[tokio::test]
async fn a_subscriber_is_listed_changed_let_in_after_a_restart_and_put_out() {
    let mut rig = Rig::up().await;
    rig.say("general", "one").await;
    let elsewhere = rig.scratch().join("mine");
    let dir = elsewhere.display().to_string();
    add(&rig, &["ci-lamp", "--events", "said", "--lang", "shell", "--dir", &dir]).await;
    assert!(elsewhere.join("subscriber.sh").is_file());
    std::fs::write(elsewhere.join("subscriber.sh"), "# mine\n").unwrap();
    add(&rig, &["ci-lamp", "--events", "said,issues", "--repo", "acme/*", "--lang", "shell", "--dir", &dir]).await;
    assert_eq!(std::fs::read_to_string(elsewhere.join("subscriber.sh")).unwrap(), "# mine\n", "the owner's work stays");

    rig.stop().await;
    rig.start().await;
    let file = elsewhere.join("nats_url").display().to_string();
    let taken = rig.command(&["tail", "--as", &file, "--until-idle", "--json"]).await;
    assert_eq!(taken.code, Some(0), "{}", taken.stderr);
    assert!(taken.stdout.contains("\"say\":\"one\""), "{}", taken.stdout);
    rig.say("general", "two").await;
    let listed = rig.command(&["subscriber", "list", "--json"]).await.stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!((&listed["name"], &listed["behind"]), (&"ci-lamp".into(), &1.into()), "{listed}");
    assert_eq!(listed["filters"].as_array().unwrap().len(), 3, "{listed}");

    let removed = rig.command(&["subscriber", "remove", "ci-lamp"]).await;
    assert_eq!(removed.code, Some(0), "{}", removed.stderr);
    assert!(!elsewhere.join("nats_url").exists(), "the credential");
    assert!(rig.command(&["subscriber", "list"]).await.stdout.is_empty());
    assert_eq!(rig.command(&["subscriber", "remove", "ci-lamp"]).await.code, Some(2));
    rig.finish().await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_anything_is_made() {
    let rig = Rig::up().await;
    for (args, expected) in [
        (&["x", "--events", "isues"][..], "Did you mean `issues`?"),
        (&["x", "--events", "applauded"], "there is no event `applauded`"),
        (&["x", "--events", "said", "--repo", "acme/*"], "belongs to no repository"),
        (&["x", "--events", "issues", "--repo", "acme/web-*"], "names no repositories"),
        (&["Ci Lamp", "--events", "said"], "is no name"),
        (&["operator", "--events", "said"], "is the name of a part of the rig"),
        (&["x"], "required arguments were not provided"),
        (&["x", "--subject", "rig.svc.>"], "matches nothing that LOG holds"),
    ] {
        let ended = rig.command(&[&["subscriber", "add"], args, &["--lang", "python"]].concat()).await;
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{args:?}: {}", ended.stderr);
    }
    assert!(rig.command(&["subscriber", "list", "--json"]).await.stdout.is_empty());
    rig.finish().await;
}

#[tokio::test]
async fn a_command_is_given_a_record_until_it_exits_with_0_and_what_is_behind_it_waits() {
    let rig = Rig::up().await;
    add(&rig, &["worker", "--events", "said,issues", "--lang", "shell"]).await;
    rig.say("general", "one").await;
    rig.post("issues", &issue(1, "Two")).await.sequence();
    let folder = rig.scratch().display().to_string();
    // It fails for as long as there is no file that says otherwise.
    let each = format!("test -e {folder}/go && echo $RIG_SEQUENCE >> {folder}/order");
    let mut worker = rig.begin(&["tail", "--as", "worker", "--count", "2", "--each", &each]);
    until("the first failure", async || worker.said().contains("is not done and comes again").then_some(())).await;
    std::fs::write(rig.scratch().join("go"), "").unwrap();
    let ended = worker.ended().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let order: Vec<u64> = std::fs::read_to_string(rig.scratch().join("order"))
        .unwrap()
        .lines()
        .map(|line| line.parse().unwrap())
        .collect();
    assert!(order.len() == 2 && order.is_sorted(), "{order:?}");
    rig.finish().await;
}

#[tokio::test]
async fn a_tail_that_is_interrupted_hands_back_what_it_was_given() {
    let rig = Rig::up().await;
    add(&rig, &["worker", "--events", "said", "--lang", "shell"]).await;
    rig.say("general", "one").await;
    let mut worker = rig.begin(&["tail", "--as", "worker"]);
    until("the words", async || worker.printed().contains("one").then_some(())).await;
    worker.interrupt();
    let ended = worker.ended().await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(130), ""));
    rig.say("general", "two").await;
    let begun = Instant::now();
    let next = rig.command(&["tail", "--as", "worker", "--count", "1"]).await;
    assert!(next.stdout.contains("two") && !next.stdout.contains("one"), "{}", next.stdout);
    assert!(begun.elapsed() < Duration::from_secs(5), "it waited for a record that nobody had: {:?}", begun.elapsed());
    rig.finish().await;
}

#[tokio::test]
async fn a_log_made_anew_is_told_everything_comes_again_and_is_done_once() {
    let mut rig = Rig::up().await;
    let port = rig.line("nats_url").rsplit(':').next().unwrap().to_owned();
    let as_before = || Start::new().env("RIG__SERVERS__NATS_PORT", &port);
    let mut programs = Vec::new();
    for (name, lang, line) in [
        ("in-python", "python", "python3 subscriber.py"),
        ("in-js", "js", "node subscriber.mjs"),
        ("in-shell", "shell", "sh subscriber.sh"),
    ] {
        add(&rig, &[name, "--events", "said", "--lang", lang]).await;
        let mut program = Program::new(&rig, name, line);
        program.start(&rig);
        programs.push(program);
    }
    for n in 1..=3 {
        rig.say("general", &format!("words {n}")).await;
    }
    let printed = async |programs: &[Program], count: usize| {
        for program in programs {
            until(&format!("{count} lines"), async || (program.printed().len() >= count).then_some(())).await;
        }
    };
    printed(&programs, 3).await;
    rig.caught_up().await;
    rig.stop().await;

    rig.start_with(|_| as_before().arg("--servers-only"));
    rig.start().await;
    let restored = rig.command(&["restore", "bus", "--replace"]).await;
    assert_eq!(restored.code, Some(0), "{}", restored.stderr);
    rig.stop().await;
    rig.start_with(|_| as_before());
    rig.start().await;
    rig.say("general", "words 4").await;
    for program in &programs {
        let said = async || program.printed().last().is_some_and(|line| say_in(line) == "words 4").then_some(());
        until("the words after it", said).await;
        let says: Vec<String> = program.printed().iter().map(|line| say_in(line)).collect();
        let words: Vec<String> = says.iter().filter(|say| say.starts_with("words")).cloned().collect();
        assert_eq!(firsts(&words), ["words 1", "words 2", "words 3", "words 4"], "{}", program.said());
        assert!(program.printed().iter().any(|line| line.contains("rig.bus.restored.v1")), "{says:?}");
        let lines = firsts(&program.printed());
        assert_eq!(lines.len(), 5, "it comes again as it was, under its old id: {lines:?}");
        // Who remembers the ids does nothing the second time.
        let times = says.iter().filter(|say| *say == "words 1").count();
        assert_eq!(times, if program.folder.ends_with("in-shell") { 1 } else { 2 }, "{says:?}");
    }
    rig.finish().await;
}

/// The sentence in a line, whether the record stands there itself or in what `rig tail` gave.
fn say_in(line: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    let data = line.pointer("/data/say").or_else(|| line.pointer("/record/data/say")).unwrap();
    data.as_str().unwrap().to_owned()
}
