//! `rig chat` and `rig say`, typed by people at terminals and written by programs to pipes.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod world;

use bus::{Sequenced, catalogue::chat::Said};
use nix::sys::signal::Signal;
use serde_json::Value;
use world::{Rig, Start, process, until};

/// What was said, in order: room and words.
async fn said(rig: &Rig) -> Vec<(String, String)> {
    let said = |record: &Sequenced| {
        let (_, envelope) = record.decode().ok()?;
        let said: Said = (envelope.type_name == "rig.chat.said.v1").then(|| envelope.open().unwrap())?;
        Some((said.room, said.say))
    };
    rig.records().await.iter().filter_map(said).collect()
}

fn in_general(words: &[&str]) -> Vec<(String, String)> {
    words.iter().map(|words| ("general".to_owned(), (*words).to_owned())).collect()
}

#[tokio::test]
async fn two_terminals_see_each_other_while_one_is_typing() {
    let rig = Rig::up().await;
    let (mut one, mut two) = (rig.terminal(&["chat"]), rig.terminal(&["chat"]));
    one.until_shown("general> ").await;
    two.until_shown("general> ").await;
    two.press("half a li");
    two.until_shown("half a li").await;
    one.press("hello from one\r");
    two.until_shown("  operator       hello from one").await;
    one.until_shown("  operator       hello from one").await;
    two.until_shown("general> half a li").await;
    two.press("ne\r");
    one.until_shown("  operator       half a line").await;
    one.press("/quit\r");
    two.press("\x04");
    assert_eq!((one.ended().await, two.ended().await), (0, 0));
    assert_eq!(said(&rig).await, in_general(&["hello from one", "half a line"]));
    rig.finish().await;
}

#[tokio::test]
async fn rooms_history_completion_and_orders() {
    let rig = Rig::up().await;
    for n in 1..=22 {
        rig.say("ops", &format!("message {n}.")).await;
    }
    let mut one = rig.terminal(&["chat"]);
    one.until_shown("general> ").await;
    assert_eq!(one.times("message"), 0, "another room's words");
    one.press("/rooms\r");
    one.until_shown("— ops").await;
    one.press("/room o\t\r");
    one.until_shown("you are in ops").await;
    assert_eq!((one.times("message 2."), one.times("message 3."), one.times("message 22.")), (0, 1, 1), "the last 20");
    one.press("/romms\r");
    one.until_shown("Did you mean `/rooms`?").await;
    one.press("/help\r");
    one.until_shown("Everything else is said.").await;
    rig.say("general", "anybody?").await;
    one.until_shown("news in general: /room general").await;
    one.press("hello op\t\r");
    one.until_shown("  operator       hello operator").await;
    one.press("\x03");
    assert_eq!(one.ended().await, 130);
    let said = said(&rig).await;
    assert_eq!(said.last().unwrap(), &("ops".to_owned(), "hello operator ".to_owned()));
    assert_eq!(said.len(), 24, "no order was said");
    rig.finish().await;
}

#[tokio::test]
async fn f_029_chat_error_is_visible_and_a_line_typed_while_the_bus_is_away_is_kept_and_stored_once() {
    let rig = Rig::up().await;
    let mut one = rig.terminal(&["chat"]);
    one.until_shown("general> ").await;
    let nats = rig.nats_pid();
    process::signal(nats, Signal::SIGSTOP);
    one.press("into the silence\r");
    one.until_shown("not stored yet into the silence").await;
    one.press("and another\r");
    process::signal(nats, Signal::SIGCONT);
    one.until_shown("  operator       into the silence").await;
    one.until_shown("  operator       and another").await;
    one.press(&format!("{}\r", "x".repeat(20_000)));
    one.until_shown("✋ Not said: it has 20000 bytes and 16384 is the most").await;
    one.press("\x04");
    assert_eq!(one.ended().await, 0);
    assert_eq!(said(&rig).await, in_general(&["into the silence", "and another"]));
    rig.finish().await;
}

#[tokio::test]
async fn a_rig_that_is_killed_and_started_again_is_said_in_two_lines_and_nothing_typed_is_lost() {
    let mut rig = Rig::up().await;
    let mut one = rig.terminal(&["chat"]);
    one.until_shown("general> ").await;
    one.press("before\r");
    one.until_shown("  operator       before").await;
    // A terminal finds the channel again where it was; a real home keeps its ports.
    let port = rig.line("nats_url").rsplit(':').next().unwrap().to_owned();
    rig.start_with(|start| start.env("RIG__SERVERS__NATS_PORT", port));
    rig.stop().await;
    one.until_shown("the channel is away; what you type is kept").await;
    one.press("meanwhile\r");
    one.until_shown("not stored yet meanwhile").await;
    rig.start().await;
    one.until_shown("  operator       meanwhile").await;
    one.press("after\r");
    one.until_shown("  operator       after").await;
    assert_eq!((one.times("the channel is away"), one.times("the channel is back")), (1, 1), "{}", one.screen());
    one.press("\x04");
    assert_eq!(one.ended().await, 0);
    assert_eq!(said(&rig).await, in_general(&["before", "meanwhile", "after"]));
    rig.finish().await;
}

#[tokio::test]
async fn a_terminal_is_left_as_it_was_found_though_somebody_is_typing() {
    let rig = Rig::up().await;
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut one = rig.terminal(&["chat"]);
        one.until_shown("general> ").await;
        one.press("half a li");
        one.until_shown("half a li").await;
        assert!(!one.is_cooked(), "the editor has taken the terminal over");
        process::signal(one.pid(), signal);
        let one = one.ended_with(130).await;
        assert!(one.is_cooked(), "{signal} leaves a terminal that nobody can use");
    }
    rig.finish().await;
}

#[tokio::test]
async fn colours_are_left_out_where_nobody_wants_them() {
    let rig = Rig::up().await;
    rig.say("general", "words").await;
    let plain = rig.terminal_with(&["chat"], &[("NO_COLOR", "1")]);
    plain.until_shown("operator       words").await;
    let coloured = rig.terminal(&["chat"]);
    coloured.until_shown("operator       words").await;
    assert!(plain.raw().contains("operator       words") && !plain.raw().contains("\x1b[1m"), "{:?}", plain.raw());
    assert!(coloured.raw().contains("\x1b[1moperator"), "{:?}", coloured.raw());
    rig.finish().await;
}

#[tokio::test]
async fn in_a_pipe_each_line_is_said_and_what_was_seen_is_printed() {
    let rig = Rig::up().await;
    rig.say("general", "from before").await;
    let ended = rig.piped(&["chat"], "one\n\n/help is words here\nthree").await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let words: Vec<&str> = ended.stdout.lines().map(|line| &line[5..]).collect();
    let expected =
        ["from before", "one", "/help is words here", "three"].map(|words| format!("  operator       {words}"));
    assert_eq!(words, expected);
    assert_eq!(said(&rig).await, in_general(&["from before", "one", "/help is words here", "three"]));

    let long = "x".repeat(20_000);
    let ended = rig.piped(&["chat", "ops"], &format!("{long}\nshort\n")).await;
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains("Not said: it has 20000 bytes"), "{}", ended.stderr);
    assert!(ended.stdout.contains("short"), "{}", ended.stdout);
    rig.finish().await;
}

#[tokio::test]
async fn a_script_says_and_learns_where_it_stands() {
    let mut rig = Rig::up().await;
    let ended = rig.command(&["say", "general", "build", "42 is green", "--json"]).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let stored: Value = serde_json::from_str(&ended.stdout).unwrap();
    let (sequence, id) = (stored["sequence"].as_u64().unwrap(), stored["id"].as_str().unwrap());
    let again = rig.command(&["say", "general", "build 42 is green", "--json", "--id", id]).await;
    assert_eq!(serde_json::from_str::<Value>(&again.stdout).unwrap()["sequence"], sequence, "one record");
    let piped = rig.piped(&["say", "ops", "-"], "two\nlines\n").await;
    assert_eq!(piped.code, Some(0), "{}", piped.stderr);
    assert_eq!(
        said(&rig).await,
        [("general".to_owned(), "build 42 is green".to_owned()), ("ops".to_owned(), "two\nlines".to_owned())]
    );
    let refused = rig.command(&["say", "two words", "hi"]).await;
    assert_eq!(refused.code, Some(4));
    assert!(refused.stderr.contains("`two words` holds ' '"), "{}", refused.stderr);
    rig.stop().await;
    let away = rig.command(&["say", "general", "hi"]).await;
    assert_eq!(away.code, Some(3));
    assert!(away.stderr.contains("no rig is up") && away.stderr.contains("rig up"), "{}", away.stderr);
    rig.start().await;
    rig.finish().await;
}

#[tokio::test]
async fn words_that_cannot_reach_the_channel_end_a_script_with_3_and_can_be_said_again_as_one() {
    let rig = Rig::up().await;
    let nats = rig.nats_pid();
    let mut saying = rig.begin(&["say", "general", "hello", "--id", "01a202dd-c93a-7125-a702-a42b6b93243d"]);
    process::signal(nats, Signal::SIGSTOP);
    let ended = saying.ended().await;
    process::signal(nats, Signal::SIGCONT);
    // It may have come through just before the server was stopped.
    if ended.code != Some(0) {
        assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    }
    let again = until("the words to be stored", async || {
        let again = rig.command(&["say", "general", "hello", "--id", "01a202dd-c93a-7125-a702-a42b6b93243d"]).await;
        (again.code == Some(0)).then_some(again)
    });
    assert!(again.await.stdout.contains("record"));
    assert_eq!(said(&rig).await, in_general(&["hello"]));
    rig.finish().await;
}

/// What agents think, and what the conductor read back, stand side by side in the room of their item, while it happens and
/// for whoever comes later.
#[tokio::test]
async fn invariant_10_work_is_visible_in_the_room_of_its_item() {
    let mut rig = Rig::down(Start::new().without("RIG__INGEST__LISTEN"));
    let mut demo = rig.begin(&["demo", "--json", "--keep"]);
    until("the demo to be up", async || rig.folder().join("up.json").exists().then_some(())).await;
    let looks_on = rig.terminal(&["chat", "acme/hello.site#1"]);
    until("both issues to be live", async || demo.printed().contains("\"ok\":true").then_some(())).await;
    let comes_later = rig.terminal(&["chat", "acme/hello.site#1"]);
    for terminal in [&looks_on, &comes_later] {
        terminal.until_shown("  conductor-e    !3 goes to review").await;
    }
    for shown in [
        "  dev-e          I take it as: ",
        "  review-e       ✗ an empty name says \"Hello, !\"",
        "  review-e       ✓ approved ",
        "  conductor-e    Landed as ",
        "  conductor-e    #1 is live",
    ] {
        for terminal in [&looks_on, &comes_later] {
            terminal.until_shown(shown).await;
            assert_eq!(terminal.times(shown), 1, "{shown:?} on:\n{}", terminal.screen());
        }
    }
    assert_eq!(comes_later.times("#2 is live"), 0, "another item's");
    for mut terminal in [looks_on, comes_later] {
        terminal.press("/quit\r");
        assert_eq!(terminal.ended().await, 0);
    }
    demo.interrupt();
    demo.ended().await;
    rig.start_with(|start| start.env("RIG__INGEST__LISTEN", "127.0.0.1:0"));
    rig.start().await;
    rig.finish().await;
}
