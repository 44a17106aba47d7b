use super::*;

fn say(event: Event, payload: &str) -> String {
    let payload = Payload::of(Json::parse(payload).unwrap());
    sentence(event, event.name(), &payload, &Place::of(&payload))
}

#[test]
fn what_lacks_what_its_sentence_is_made_of_is_said_plainly() {
    for (event, payload, expected) in [
        (Event::Issues, "{}", "issues"),
        (Event::Issues, r#"{"action":"opened"}"#, "issues opened"),
        (Event::OrgBlock, r#"{"action":"blocked","organization":{"login":"acme"}}"#, "org block blocked in acme"),
        (
            Event::Gollum,
            r#"{"repository":{"full_name":"acme/site"},"sender":{"login":"sam"}}"#,
            "gollum in acme/site by sam",
        ),
        (Event::PullRequest, r#"{"pull_request":7,"sender":{"login":"sam"}}"#, "pull request by sam"),
    ] {
        assert_eq!(say(event, payload), expected);
    }
}

#[test]
fn an_unknown_event_is_called_by_its_name() {
    let payload = Payload::of(Json::parse(r#"{"action":"sang_well"}"#).unwrap());
    let said = sentence(Event::Unknown, "choir_practice", &payload, &Place::of(&payload));
    assert_eq!(said, "choir practice sang well");
}

#[test]
fn a_title_cannot_move_the_cursor_nor_turn_the_line() {
    let said = say(
        Event::Issues,
        r#"{"action":"opened","sender":{"login":"sam"},"repository":{"full_name":"a/b"},
            "issue":{"number":1,"title":"a\u001b[2J\u202eb\r\n\t c\u0000\u2066d"}}"#,
    );
    assert_eq!(said, "sam opened a/b#1: a[2Jb");
}

#[test]
fn what_is_long_is_cut_at_a_character() {
    let title = "ü".repeat(5000);
    let said = say(
        Event::Issues,
        &format!(
            r#"{{"action":"opened","sender":{{"login":"{0}"}},"repository":{{"full_name":"a/b"}},
                "issue":{{"number":1,"title":"{1}"}}}}"#,
            "s".repeat(900),
            title,
        ),
    );
    assert_eq!(said.chars().count(), LONGEST);
    assert!(said.ends_with("ü…") && said.contains("s… opened a/b#1: ü"), "{said}");
}

#[test]
fn white_space_is_one_space_and_none_at_the_ends() {
    assert_eq!(shown(" \u{2028} a \t\n b\u{feff} ", 10), "a b");
    assert_eq!(shown("abc", 3), "abc");
    assert_eq!(shown("abcd", 3), "ab…");
    assert_eq!(shown("", 3), "");
}
