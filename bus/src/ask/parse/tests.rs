use proptest::prelude::*;

use super::*;
use crate::ask::word::WORDS;

fn item(repository: Option<&str>, issue: Option<u64>, order: Order) -> Parsed {
    let repository = repository.map(str::to_owned);
    Parsed::Ask(Ask::Item(Which { repository, issue: issue.map(IssueNumber) }, order))
}

fn here(order: Order) -> Parsed {
    item(None, None, order)
}

fn numbered(issue: u64, order: Order) -> Parsed {
    item(None, Some(issue), order)
}

fn filed(text: &str) -> Parsed {
    Parsed::Ask(Ask::File(text.to_owned()))
}

#[track_caller]
fn means(words: &str, meant: &str) {
    match parse(words) {
        Parsed::Near { meant: found, .. } => assert_eq!(found, meant, "{words:?}"),
        other => panic!("{words:?} is {other:?}"),
    }
}

#[track_caller]
fn for_others(words: &str) {
    assert_eq!(parse(words), Parsed::None, "{words:?}");
}

#[test]
fn a_whole_message_is_an_order() {
    assert_eq!(parse("retry"), here(Order::Retry));
    assert_eq!(parse("  Why?\n"), here(Order::Why));
    assert_eq!(parse("STOP!"), here(Order::Stop));
    assert_eq!(parse("approve #12."), numbered(12, Order::Approve));
    assert_eq!(parse("hold 12"), numbered(12, Order::Hold));
    assert_eq!(parse("why !3"), numbered(3, Order::Why));
    assert_eq!(parse("why acme/site!3"), item(Some("acme/site"), Some(3), Order::Why));
    assert_eq!(parse("release Acme/Hello.Site#12"), item(Some("acme/hello.site"), Some(12), Order::Release));
    for (word, ask) in [("status", Ask::Status), ("queue", Ask::Queue), ("Inbox", Ask::Inbox), ("help!", Ask::Help)] {
        assert_eq!(parse(word), Parsed::Ask(ask));
    }
}

#[test]
fn every_word_of_the_table_is_understood_as_it_is_shown() {
    for word in WORDS {
        let said = word.form.replace("#n", "#3").replace('…', "words");
        assert!(is_ask(&said), "{said}");
    }
}

#[test]
fn an_addressed_order_stands_on_any_line() {
    assert_eq!(parse("/rig why"), here(Order::Why));
    assert_eq!(parse("@conductor-e, Retry #3"), numbered(3, Order::Retry));
    assert_eq!(parse("@Conductor-E: status"), Parsed::Ask(Ask::Status));
    assert_eq!(parse("Looks odd to me.\n\n /RIG cancel 4 \n\nSorry."), numbered(4, Order::Cancel));
    assert_eq!(parse("/rig hold\n/rig release"), here(Order::Hold));
    assert_eq!(parse("/rig"), Parsed::Ask(Ask::Help));
    assert_eq!(parse("well\n@conductor-e\n"), Parsed::Ask(Ask::Help));
}

#[test]
fn where_people_talk_with_each_other_only_what_is_addressed_is_an_order() {
    for words in ["Status?", "why?", "stop", "file a bug", "retyr #3"] {
        assert_eq!(parse_addressed(words), Parsed::None, "{words:?}");
    }
    assert_eq!(parse_addressed("Hm.\n/rig why"), here(Order::Why));
}

#[test]
fn what_only_begins_like_an_order_holds_nothing() {
    for words in [
        "hold on, I think we should wait",
        "Stop, that is the wrong file",
        "why is it so slow?",
        "retry\nit was a flake",
        "land the plane",
        "reject the idea of cookies",
        "approve #12 and #13",
        "help me",
        "file",
        "",
        "  \n ",
        "ok",
        "@conductor-ex retry",
        "/rigging is hard",
        "please retry",
        "hey @conductor-e retry",
        "@conductor-e thanks!",
        "retry #0",
        "retry #99999999999999999999999",
        "retry acme#3",
        "retry a/b/c#3",
    ] {
        for_others(words);
    }
}

#[test]
fn what_is_only_shown_orders_nothing() {
    for words in [
        "> retry",
        "`retry`",
        "```\nretry\n```",
        "```\n/rig retry\n```",
        "> /rig retry\n\nDid that help?",
        "> @conductor-e stop",
        "you can say `@conductor-e stop`",
        "\"retry\"",
        "I read:\n\n    /rig stop\n",
        "<!-- say\n/rig help\n-->",
        "two `lines\n/rig stop` of code",
        "retry `#3`",
        "retry\n> quoted",
    ] {
        for_others(words);
    }
    assert_eq!(parse("> will it go on?\n\n/rig resume"), here(Order::Resume));
}

#[test]
fn what_is_filed_is_taken_as_it_was_typed() {
    assert_eq!(parse("file Add a dark mode"), filed("Add a dark mode"));
    assert_eq!(parse("File: Add `x`\n\n```\ncode\n```\n> quote"), filed("Add `x`\n\n```\ncode\n```\n> quote"));
    assert_eq!(parse("By the way:\n/rig file Greet the visitor\nBy name."), filed("Greet the visitor\nBy name."));
    means("/rig file", "file …");
}

#[test]
fn a_reason_stands_behind_the_item() {
    assert_eq!(parse("reject"), here(Order::Reject(String::new())));
    assert_eq!(parse("reject #3 the button\nis gone"), numbered(3, Order::Reject("the button\nis gone".to_owned())));
    assert_eq!(parse("reject: because it is red"), here(Order::Reject("it is red".to_owned())));
    assert_eq!(parse("/rig reject too wide"), here(Order::Reject("too wide".to_owned())));
    assert_eq!(parse("reject 3"), numbered(3, Order::Reject(String::new())));
    means("reject 3 tests fail", "reject #3 …");
    let why = || Order::Land("the reviewer is away".to_owned());
    assert_eq!(parse("land #3 because the reviewer is away"), numbered(3, why()));
    assert_eq!(parse("Land 3, BECAUSE the reviewer is away"), numbered(3, why()));
    assert_eq!(parse("land because the reviewer is away"), here(why()));
    assert_eq!(parse("land a/b#3"), item(Some("a/b"), Some(3), Order::Land(String::new())));
    means("/rig land #3 the reviewer is away", "land #3 because …");
}

#[test]
fn a_near_miss_is_asked_back() {
    means("retyr", "retry");
    means("aprove #12", "approve #12");
    means("approved", "approve");
    means("/rig stpo acme/site#4", "stop acme/site#4");
    means("/rig cancelled", "cancel");
    means("@conductor-e hold on, I think", "hold");
    means("/rig dance", "help");
    for words in ["shop", "cold", "filed", "landed", "retyr it", "world", "holding"] {
        for_others(words);
    }
    assert_eq!(
        parse("@conductor-e why `is` that?"),
        Parsed::Near { word: "why  that?".to_owned(), meant: "why".to_owned() }
    );
}

fn verb() -> impl Strategy<Value = &'static str> {
    prop::sample::select(WORDS.map(|word| word.name).to_vec())
}

fn an_item() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), " #?[1-9][0-9]{0,4}", " [a-z]{1,9}/[a-z.]{1,9}#[1-9][0-9]{0,4}"]
}

/// An order that is whole.
fn an_order() -> impl Strategy<Value = String> {
    (verb(), an_item()).prop_filter_map("alone", |(verb, item)| {
        let alone = matches!(verb, "status" | "queue" | "inbox" | "help");
        (verb != "file").then(|| if alone { verb.to_owned() } else { format!("{verb}{item}") })
    })
}

fn is_ask(words: &str) -> bool {
    matches!(parse(words), Parsed::Ask(_))
}

proptest! {
    #[test]
    fn nothing_that_is_typed_makes_it_panic(words in any::<String>(), more in "(/rig|@conductor-e|reject|land|file|#|1|a/b|`|>|\n| |é|because){0,12}") {
        for words in [&words, &more, &format!("/rig {words}"), &format!("land {words}"), &format!("reject {words}")] {
            let _ = parse(words);
        }
    }

    #[test]
    fn an_order_is_one_in_any_case_and_with_any_address(words in an_order()) {
        let parsed = parse(&words);
        prop_assert!(matches!(parsed, Parsed::Ask(_)), "{:?}", parsed);
        prop_assert_eq!(&parse(&words.to_uppercase()), &parsed);
        prop_assert_eq!(&parse(&format!("/rig {words}")), &parsed);
        prop_assert_eq!(&parse(&format!("Hm.\n@conductor-e {words}")), &parsed);
    }

    #[test]
    fn what_is_neither_addressed_nor_whole_is_no_order(words in an_order(), other in "[a-z]{1,12}") {
        prop_assume!(WORDS.iter().all(|word| word.name != other) && other != "because");
        for words in [format!("{other} {words}"), format!("{other}\n{words}"), format!("{words}\n{other}")] {
            let no_reason = !words.starts_with("reject");
            prop_assert!(!(no_reason && is_ask(&words)), "{:?}", words);
        }
    }

    #[test]
    fn no_order_is_taken_from_what_is_shown(words in an_order(), address in prop::sample::select(vec!["", "/rig ", "@conductor-e "])) {
        for shown in [format!("> {address}{words}"), format!("```\n{address}{words}\n```"), format!("`{address}{words}`")] {
            prop_assert_eq!(parse(&shown), Parsed::None, "{:?}", shown);
        }
    }
}
