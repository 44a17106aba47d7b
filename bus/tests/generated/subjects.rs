use std::fmt::Write;

use bus::{
    roles::{Account, Row, TABLE},
    stream::{self, Discard, Spec},
    subject::{FAMILIES, Family},
};

const HEAD: &str = "\
# Subjects

Where a record stands says what it is about and who spoke it. What comes from outside (owners, repositories, rooms, logins)
is one token: every UTF-8 byte outside `[A-Za-z0-9_-]` is written `%XX`, so `Hello.Site` is `hello%2Esite`; GitHub's names are
lower-cased, and spelled as GitHub does in the record. `_` stands for none: an event without a repository is
`rig.evt.github.<org>._.<event>`. A text of more than 200 bytes ends in a hash.

This file is made from the code by `make docs`: from `bus::subject::FAMILIES`, from the one table `bus::roles::TABLE` and from
`nats/*.toml`.

## The tree

| subject | said by | what | kept in |
|---|---|---|---|
";

const ROLES: &str = "
## Who may do what

The server enforces this for every user outside RIG: each has an account to itself ([why](decisions/accounts.md)), publishes
and asks what is here, hears what its consumer delivers, and nothing else. In RIG the table says what a role is for; a user
there may do anything. `{name}`, `{role}` and `{pool}` are the user's own; `*` is any one token.

";

const STREAMS: &str = "
## Streams

| stream | takes | when full | at most | keeps |
|---|---|---|---|---|
";

pub fn document() -> String {
    let mut text = HEAD.to_owned();
    for family in FAMILIES {
        let Family { pattern, what, .. } = family;
        let _ = writeln!(text, "| `{pattern}` | {} | {what} | {} |", speakers(family), home(family));
    }
    text.push_str(ROLES);
    for row in TABLE.iter().filter(|row| row.account != Account::Sys) {
        role(&mut text, row);
    }
    text.push_str(STREAMS);
    for spec in stream::specs() {
        stream_line(&mut text, spec);
    }
    text.push('\n');
    for spec in stream::specs() {
        taken_over(&mut text, spec);
    }
    text
}

fn within(pattern: &str, family: &Family) -> bool {
    let (pattern, family) = (pattern.split('.'), family.pattern.split('.'));
    pattern.clone().count() == family.clone().count()
        && pattern.zip(family).all(|(have, want)| want.starts_with('<') || have == want)
}

fn speakers(family: &Family) -> String {
    let spoken = |row: &&Row| row.publish.iter().chain(row.asks).any(|pattern| within(pattern, family));
    let mut names: Vec<String> = TABLE.iter().filter(spoken).map(|row| row.role.to_owned()).collect();
    for spec in stream::specs() {
        let transforms = spec.sources.iter().flat_map(|origin| &origin.transforms);
        if transforms.into_iter().any(|transform| within(&transform.arrives_as(), family)) {
            names.push(format!("{}, taking over", spec.name));
        } else if spec.carries().iter().any(|pattern| within(pattern, family)) {
            names.push(format!("{}, when it is due", spec.name));
        }
    }
    names.join(", ")
}

fn home(family: &Family) -> &'static str {
    let sample: Vec<&str> = family.pattern.split('.').map(|part| part.trim_matches(['<', '>'])).collect();
    let takes = |spec: &&Spec| spec.subjects.iter().any(|subject| covers(subject, &sample));
    stream::specs().iter().find(takes).map_or("nothing", |spec| &spec.name)
}

fn covers(pattern: &str, subject: &[&str]) -> bool {
    let pattern: Vec<&str> = pattern.split('.').collect();
    let fits = |(have, want): (&&str, &&str)| *have == "*" || *have == ">" || have == want;
    let same_length = pattern.len() == subject.len() || pattern.last() == Some(&">") && pattern.len() <= subject.len();
    same_length && pattern.iter().zip(subject).all(fits)
}

fn role(text: &mut String, row: &Row) {
    let account = match row.account {
        Account::Rig => "RIG",
        Account::Edge => "EDGE",
        Account::Guest => "GUEST",
        Account::Sys => "SYS",
    };
    let _ = writeln!(text, "**{}** ({account})\n", row.role);
    for (does, patterns) in [("publishes", row.publish), ("asks", row.asks), ("answers", row.serves)] {
        if !patterns.is_empty() {
            let _ = writeln!(text, "- {does} {}", quoted(patterns.iter()));
        }
    }
    if let Some(consumer) = row.consumer {
        let chosen = if row.role == "subscriber" { "what it chose, and " } else { "" };
        let _ = writeln!(
            text,
            "- is delivered {chosen}{} by `{}`, {} at once, again after {} s without a sign",
            quoted(consumer.filters.iter()),
            consumer.name,
            consumer.max_ack_pending,
            consumer.ack_wait.as_secs()
        );
    }
    text.push('\n');
}

fn stream_line(text: &mut String, spec: &Spec) {
    let full = match spec.discard {
        Discard::New => "refuses what is new",
        Discard::Old => "drops its oldest",
    };
    let kept = match spec.max_age_seconds / 86_400 {
        0 => "for ever".to_owned(),
        days => format!("{days} days"),
    };
    let size = spec.max_bytes >> 30;
    let _ = writeln!(text, "| {} | {} | {full} | {size} GiB | {kept} |", spec.name, quoted(spec.subjects.iter()));
}

fn taken_over(text: &mut String, spec: &Spec) {
    for origin in &spec.sources {
        for transform in &origin.transforms {
            let (from, to) = (&transform.from, &transform.to);
            let _ = writeln!(text, "- {} takes over `{from}` from {} as `{to}`.", spec.name, origin.stream);
        }
    }
}

fn quoted<T: std::fmt::Display>(texts: impl Iterator<Item = T>) -> String {
    texts.map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ")
}
