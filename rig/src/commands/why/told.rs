//! Why, as a person reads it.

use super::{Gate, Line, Told};
use crate::{
    local_time::LocalTime,
    screen::{BAD, FAINT, GOOD, NAME, clean_line},
};

/// The most characters of a sentence on one line; the rest is in `--json`.
const MOST: usize = 120;

/// The three lines, and each step with its causes, newest first.
pub(super) fn why(told: &Told) -> Vec<String> {
    let mut lines = vec![title(told)];
    lines.extend(told.why.lines.iter().map(|line| clean_line(line)));
    lines.extend(steps(told));
    lines
}

/// Each gate, and the last step.
pub(super) fn why_not(told: &Told) -> Vec<String> {
    let mut lines = vec![title(told)];
    lines.extend(told.why.lines.first().map(|line| clean_line(line)));
    let width = told.gates.iter().map(|gate| gate.name.len()).max().unwrap_or(0);
    if !told.gates.is_empty() {
        lines.push(String::new());
        lines.extend(told.gates.iter().flat_map(|gate| gate_lines(gate, width)));
    }
    lines.extend(steps(told));
    lines
}

fn title(Told { why, .. }: &Told) -> String {
    let title = why.title.as_deref().map(|title| format!(" {}", clean_line(title))).unwrap_or_default();
    let head = why.head.map(|head| format!(" at {}", head.short())).unwrap_or_default();
    let pull = why.pull.map(|pull| format!(" · {pull}{head}")).unwrap_or_default();
    let (item, standing) = (clean_line(&why.repository), why.standing.replace('_', " "));
    let as_of = why.as_of;
    format!("{NAME}{item}{}{NAME:#}{title} · {standing}{pull} {FAINT}as of {as_of}{FAINT:#}", why.number)
}

fn gate_lines(Gate { name, shut, evidence, older_than }: &Gate, width: usize) -> Vec<String> {
    let Some(shut) = shut else {
        return vec![format!("  {GOOD}✓{GOOD:#} {name}")];
    };
    let mut lines = vec![format!("  {BAD}✗{BAD:#} {name:<width$}  {}", clean_line(shut))];
    lines.extend(evidence.iter().map(|line| format!("    {:<width$}  {FAINT}←{FAINT:#} {}", "", evidence_line(line))));
    lines.extend(older_than.map(|than| {
        format!("    {:<width$}  {FAINT}← what told that is older than I looked: before record {than}{FAINT:#}", "")
    }));
    lines
}

fn evidence_line(line: &Line) -> String {
    format!("{FAINT}{} {}{FAINT:#} {}", line.sequence, LocalTime::of(line.at).seconds(), sentence(line))
}

fn steps(told: &Told) -> Vec<String> {
    let mut lines = Vec::new();
    let mut day = String::new();
    let mut steps = told.steps.iter().peekable();
    while let Some(step) = steps.next() {
        let at = LocalTime::of(step.line.at);
        let here = format!("{}, {}", at.day(), at.zone());
        if here != day {
            lines.push(format!("\n{FAINT}{here}{FAINT:#}"));
            day = here;
        }
        lines.push(format!("{}  {}", place(&step.line), sentence(&step.line)));
        if steps.peek().is_some_and(|before| before.because == step.because && before.older_than == step.older_than) {
            // What led to several steps is told once, below the first of them.
            continue;
        }
        let because = step.because.iter().enumerate();
        lines.extend(
            because
                .map(|(n, line)| format!("{}  {:n$}{FAINT}←{FAINT:#} {}", place(line), "", sentence(line), n = n * 2)),
        );
        lines.extend(step.older_than.map(|than| older(than, step.because.len())));
    }
    if told.earlier > 0 {
        lines.push(format!("{FAINT}and {} steps before{FAINT:#}", told.earlier));
    }
    lines
}

/// Its cause was not found, which does not mean that there is none.
fn older(than: u64, depth: usize) -> String {
    format!("{:18}{:n$}{FAINT}← its cause is older than I looked: before record {than}{FAINT:#}", "", "", n = depth * 2)
}

fn place(line: &Line) -> String {
    let time = LocalTime::of(line.at).seconds();
    format!("{FAINT}{:>7} {time}{FAINT:#}", line.sequence)
}

fn sentence(line: &Line) -> String {
    let who = clean_line(&line.who);
    let say = shortened(&clean_line(&line.say));
    let commit = line.commit.as_deref().map(|commit| format!("  {FAINT}{}{FAINT:#}", short(&clean_line(commit))));
    let url = line.url.as_deref().map(|url| format!("  {FAINT}{}{FAINT:#}", clean_line(url)));
    format!("{NAME}{who:<11}{NAME:#} {say}{}{}", commit.unwrap_or_default(), url.unwrap_or_default())
}

fn short(commit: &str) -> String {
    commit.chars().take(7).collect()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bus::{
        number::{IssueNumber, PullNumber},
        service::why::Why,
    };
    use time::OffsetDateTime;

    use super::{super::road::Step, *};

    fn line(sequence: u64, who: &str, say: &str) -> Line {
        Line {
            sequence,
            at: OffsetDateTime::UNIX_EPOCH,
            kind: "work.gated".to_owned(),
            who: who.to_owned(),
            say: say.to_owned(),
            commit: Some("4c1e0a9d5b6f7081920a3b4c5d6e7f8091a2b3c4".to_owned()),
            url: None,
        }
    }

    fn told() -> Told {
        let why = Why {
            repository: "acme/hello.site".to_owned(),
            number: IssueNumber(1),
            title: Some("Greet\u{1b}[2J the visitor".to_owned()),
            standing: "in_review".to_owned(),
            lines: ["waits for review-e", "next      asked again", "you can   hold"].map(str::to_owned),
            pull: Some(PullNumber(3)),
            head: None,
            gates: Vec::new(),
            as_of: 118,
        };
        let review = line(113, "review-e", "one change: \"Hello, !\"");
        let because = vec![review.clone()];
        let step = |n, say| Step { line: line(n, "conductor-e", say), because: because.clone(), older_than: None };
        let steps = vec![step(117, "Changes are asked for."), step(116, "It was reviewed.")];
        let shut = Gate {
            name: "approval".to_owned(),
            shut: Some("changes are asked for".to_owned()),
            evidence: Some(review.clone()),
            older_than: None,
        };
        let open = Gate { name: "checks".to_owned(), shut: None, evidence: None, older_than: None };
        Told { why, gates: vec![open, shut], steps, earlier: 2 }
    }

    fn plain(lines: &[String]) -> Vec<String> {
        lines.iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect()
    }

    #[test]
    fn the_three_lines_come_first_and_each_step_has_its_cause_below() {
        let lines = plain(&why(&told()));
        assert_eq!(lines[0], "acme/hello.site#1 Greet\\u{1b}[2J the visitor · in review · !3 as of 118");
        assert_eq!(lines[1..4], ["waits for review-e", "next      asked again", "you can   hold"]);
        assert!(lines[5].ends_with("conductor-e Changes are asked for.  4c1e0a9"), "{lines:#?}");
        assert!(lines[6].ends_with("conductor-e It was reviewed.  4c1e0a9"), "{lines:#?}");
        assert!(lines[7].starts_with("    113 "), "{lines:#?}");
        assert!(lines[7].ends_with("← review-e    one change: \"Hello, !\"  4c1e0a9"), "{lines:#?}");
        assert_eq!(lines[8], "and 2 steps before");
    }

    #[test]
    fn a_cause_that_was_not_looked_for_far_enough_is_said_to_be_older() {
        let mut told = told();
        told.steps.truncate(1);
        told.steps[0].older_than = Some(9);
        let lines = plain(&why(&told));
        assert_eq!(lines[7].trim(), "← its cause is older than I looked: before record 9");
        assert!(lines[6].find('←') < lines[7].find('←'), "it stands behind the cause that was found: {lines:#?}");
    }

    #[test]
    fn a_gate_whose_evidence_was_not_looked_for_far_enough_says_so() {
        let mut told = told();
        (told.gates[1].evidence, told.gates[1].older_than) = (None, Some(9));
        let lines = plain(&why_not(&told));
        assert_eq!(lines[5].trim(), "← what told that is older than I looked: before record 9");
    }

    #[test]
    fn a_shut_gate_says_why_and_shows_what_shut_it() {
        let lines = plain(&why_not(&told()));
        assert_eq!(lines[3..5], ["  ✓ checks", "  ✗ approval  changes are asked for"]);
        assert!(lines[5].contains("← 113 "), "{lines:#?}");
    }
}
