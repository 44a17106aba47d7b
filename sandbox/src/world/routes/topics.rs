//! What a repository is about, and in which languages it is written.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};

use crate::world::{
    answer::{self, Answer},
    before::Before,
    call::Call,
    permission::Permission,
    refusal::{Refusal, Stop},
    router::{Route, read, route, write},
};

pub(super) const ROUTES: &[Route] = &[
    route(Method::GET, "/repos/{owner}/{repo}/topics", read(Permission::Metadata), get),
    route(Method::PUT, "/repos/{owner}/{repo}/topics", write(Permission::Administration), put),
    route(Method::GET, "/repos/{owner}/{repo}/languages", read(Permission::Metadata), languages),
];

#[derive(Serialize, Deserialize)]
struct Topics {
    names: Vec<String>,
}

/// GitHub takes this many, each of this length.
const MOST: usize = 20;
const LONGEST: usize = 50;

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    Ok(answer::ok(&Topics { names: call.repository()?.topics.clone() }))
}

#[derive(Serialize)]
struct Changes {
    topics: Before<Vec<String>>,
}

fn put(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let Topics { mut names } = call.body()?;
    names.iter_mut().for_each(|name| name.make_ascii_lowercase());
    if names.len() > MOST || !names.iter().all(|name| is_topic(name)) {
        let rule = "Topics must start with a lowercase letter or number, consist of 50 characters or less, and can \
                    include hyphens.";
        return Err(Refusal::unprocessable(rule).into());
    }
    let now = call.state.now;
    let repository = call.repository_mut()?;
    repository.touch(now);
    let from = std::mem::replace(&mut repository.topics, names);
    if from != call.repository()?.topics {
        let event = call.event("repository", "edited")?;
        let changes = Changes { topics: Before { from } };
        call.state.emit(event, |_, payload| payload.field("changes", &changes));
    }
    get(call)
}

fn is_topic(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.len() <= LONGEST
        && name.bytes().next().is_some_and(plain)
        && name.bytes().all(|byte| plain(byte) || byte == b'-')
}

/// Languages by the end of a file's name; prose and data are none.
const LANGUAGES: [(&str, &str); 16] = [
    ("rs", "Rust"),
    ("py", "Python"),
    ("js", "JavaScript"),
    ("mjs", "JavaScript"),
    ("ts", "TypeScript"),
    ("go", "Go"),
    ("c", "C"),
    ("h", "C"),
    ("cpp", "C++"),
    ("java", "Java"),
    ("rb", "Ruby"),
    ("swift", "Swift"),
    ("kt", "Kotlin"),
    ("html", "HTML"),
    ("css", "CSS"),
    ("sh", "Shell"),
];

/// Bytes in each language on the default branch.
fn languages(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let (repository, objects) = (call.repository()?, &call.state.objects);
    let tip = repository.branch(&repository.default_branch).and_then(|tip| objects.commit(tip));
    let mut bytes: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, entry) in tip.map(|tip| objects.walk(tip.tree)).unwrap_or_default() {
        let text = path.to_text();
        let end = text.rsplit_once('.').map_or("", |(_, end)| end);
        let language = LANGUAGES.iter().find(|(known, _)| *known == end).filter(|_| entry.mode.is_file());
        if let Some((_, language)) = language {
            *bytes.entry(language).or_default() += objects.blob(entry.oid).map_or(0, bytes::Bytes::len);
        }
    }
    Ok(answer::ok(&bytes))
}
