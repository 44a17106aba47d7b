//! What `.ci.toml` may say.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, time::Duration};

use sandbox::workflow::{Check, Conclusion, Concurrency, Event, Readiness, Script, Trigger, parse};

fn faults(text: &str) -> Vec<String> {
    parse(text).unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[test]
fn the_documented_example_is_read() {
    let page = include_str!("../../docs/sandbox-ci.md");
    let (_, after) = page.split_once("```toml\n").unwrap();
    let workflow = parse(after.split_once("```").unwrap().0).unwrap();
    let names: Vec<_> = workflow.checks().iter().map(|check| check.name.as_str()).collect();
    assert_eq!(names, ["lint", "test", "weekly"]);
    let test = &workflow.checks()[1];
    assert_eq!(test.on, [Trigger::Push, Trigger::PullRequest]);
    assert_eq!(test.timeout, Duration::from_secs(300));
    assert_eq!(test.concurrency, Concurrency::Branch);
    assert_eq!(test.environment, BTreeMap::from([("MODE".into(), "fast".into())]));
    assert_eq!(test.needs, ["lint"]);
    assert_eq!(workflow.checks()[2].on, [Trigger::Every(Duration::from_secs(7 * 24 * 3600))]);
}

#[test]
fn little_is_enough() {
    let workflow = parse("check.build = { run = 'make', on = ['push'] }").unwrap();
    let script = Script { shell: "sh".into(), text: "make".into() };
    let build = Check {
        name: "build".into(),
        script,
        on: vec![Trigger::Push],
        timeout: Duration::from_secs(600),
        concurrency: Concurrency::Unlimited,
        environment: BTreeMap::new(),
        needs: Vec::new(),
    };
    assert_eq!(workflow.checks(), [build]);
    assert_eq!(workflow.started_by(Event::Push).count(), 1);
    assert_eq!(workflow.started_by(Event::Schedule).count(), 0);
    assert_eq!(parse("").unwrap().checks(), []);
}

#[test]
fn every_fault_is_said_at_once() {
    let said = faults(
        r#"
        colour = "red"
        [check.a]
        on = ["push", "merge"]
        timeout = "5 minutes"
        concurrency = "one"
        [check.b]
        run = 7
        on = []
        retries = 3
        env = { PATH = "/bin" }
        [check.c]
        run = "make"
        on = ["schedule"]
        needs = ["a", "z"]
        shell = "/bin/sh"
        "#,
    );
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn each_fault_is_told_where_it_is() {
    for (declared, said) in [
        ("run = 'x'\non = ['push']\nevery = '1h'", "check.a.every: every is for a schedule; add \"schedule\" to on"),
        ("run = ' '\non = ['push']", "check.a.run: there is nothing to run"),
        ("run = 'x'", "check.a: on is missing"),
        ("run = 'x'\non = 'push'", "check.a.on: this must be a list of texts, and is text"),
        ("run = 'x'\non = ['push', 'push']", "check.a.on: \"push\" is there twice"),
        ("run = 'x'\non = ['push']\ntimeout = '7h'", "check.a.timeout: a run may take at most 6h"),
        (
            "run = 'x'\non = ['push']\nenv = { 1A = 'x' }",
            "check.a.env: \"1A\" is no name of a variable: letters, digits and _, not beginning with a digit",
        ),
        (
            "run = 'x'\non = ['push']\nenv = { CI_COMMIT = 'x' }",
            "check.a.env: CI_COMMIT is set by the CI itself; choose another name",
        ),
        ("run = \"a\\u0000\"\non = ['push']", "check.a.run: text may not hold a zero byte"),
        (
            "run = 'x'\non = ['push']\nneeds = ['a']",
            "check.a.needs: this check could never start: what it needs goes round in a circle",
        ),
        ("run = 'x'\nrun = 'y'\non = ['push']", "line 3: this is not TOML: duplicate key"),
    ] {
        assert_eq!(faults(&format!("[check.a]\n{declared}\n")), [said], "{declared}");
    }
    for period in ["0s", "s", "-1s", "1.5h", "99999999999999999999d", "367d", "5", "5 m", "٣s", ""] {
        let text = format!("check.a = {{ run = 'x', on = ['schedule'], every = '{period}' }}");
        let said = faults(&text);
        assert!(said.len() == 1 && said[0].contains("is no length of time"), "{period}: {said:?}");
    }
}

#[test]
fn what_is_too_large_is_refused() {
    assert!(faults(&format!("#{}", "x".repeat(70_000)))[0].starts_with("the file: the file has 70001 bytes"));
    let many: String = (0..51).map(|n| format!("[check.c{n}]\nrun = 'x'\non = ['push']\n")).collect();
    assert_eq!(faults(&many), ["check: there are 51 checks, and may be 50"]);
    let long = format!("[check.{}]\nrun = 'x'\non = ['push']\n", "n".repeat(101));
    assert!(faults(&long)[0].ends_with("a check's name has 1 to 100 characters, none of them a control"));
}

#[test]
fn a_check_comes_after_what_it_needs_and_waits_for_it() {
    let text = "
        check.a = { run = 'x', on = ['push'], needs = ['c', 'b'] }
        check.b = { run = 'x', on = ['push'], needs = ['c'] }
        check.c = { run = 'x', on = ['push', 'pull_request'] }
    ";
    let workflow = parse(text).unwrap();
    let names: Vec<_> = workflow.checks().iter().map(|check| check.name.as_str()).collect();
    assert_eq!(names, ["c", "b", "a"]);
    let a = &workflow.checks()[2];
    let readiness = |b: Option<Conclusion>, c: Option<Conclusion>| a.readiness(|name| if name == "b" { b } else { c });
    let well = Some(Conclusion::Success);
    assert_eq!(readiness(well, Some(Conclusion::Neutral)), Readiness::Ready);
    assert_eq!(readiness(None, well), Readiness::Waiting);
    assert_eq!(readiness(None, Some(Conclusion::Failure)), Readiness::Skipped);
    assert_eq!(readiness(Some(Conclusion::Skipped), None), Readiness::Skipped);
}

#[test]
fn needs_that_cannot_be_met_are_refused() {
    let circle = "
        check.a = { run = 'x', on = ['push'], needs = ['b'] }
        check.b = { run = 'x', on = ['push'], needs = ['a'] }
    ";
    assert_eq!(faults(circle).len(), 2);
    let elsewhere = "
        check.a = { run = 'x', on = ['push', 'pull_request'], needs = ['b'] }
        check.b = { run = 'x', on = ['push'] }
    ";
    let said = "check.a.needs: \"b\" does not start on pull_request, so this check would wait for it for ever";
    assert_eq!(faults(elsewhere), [said]);
}

#[test]
fn conclusions_are_githubs_words() {
    for conclusion in [Conclusion::TimedOut, Conclusion::ActionRequired, Conclusion::StartupFailure, Conclusion::Stale]
    {
        assert_eq!(serde_json::to_value(conclusion).unwrap(), conclusion.as_str());
    }
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_odd_to_be_answered(text in "(?s)(\\[check\\.[a-z]\\]\n|run = |on = |'push'|\\[|\\]|\"|\n|.){0,60}") {
        let _whatever_it_is = parse(&text);
    }
}
