//! Which of GitHub's routes a path means.

use std::{cmp::Reverse, collections::BTreeMap};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::document::{Document, parse};

#[derive(Clone, Debug)]
pub struct Route {
    /// In capitals.
    pub method: String,
    /// The path with `{parameters}`.
    pub template: String,
    pub summary: String,
    /// Where the operation stands in the document.
    pub pointer: String,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug)]
enum Segment {
    Word(String),
    Parameter(String),
    /// A parameter that holds slashes, as a file's path or a branch does.
    Spanning(String),
}

/// A route, and what the path says for its parameters.
#[derive(Debug)]
pub struct Match<'a> {
    pub route: &'a Route,
    pub captured: Vec<(&'a str, String)>,
}

pub struct Routes(Vec<Route>);

/// Of an operation, what its path needs.
#[derive(Deserialize)]
struct Operation {
    #[serde(default)]
    summary: String,
    #[serde(default)]
    parameters: Vec<Parameter>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameter {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    name: String,
    #[serde(rename = "x-multi-segment")]
    spans: bool,
}

impl Routes {
    pub fn of(document: &Document) -> Self {
        let of_path = |(path, part): (&str, &RawValue)| {
            let methods: BTreeMap<String, Operation> = parse(part);
            let methods = methods.into_iter();
            methods.map(|(method, operation)| Route::of(document, &method, path, operation)).collect::<Vec<_>>()
        };
        let routes = document.parts("/paths/").flat_map(of_path);
        // One path has two parameters between slashes; it is an older spelling of `compare/{basehead}`.
        Self(routes.filter(|route| !route.template.contains("}...{")).collect())
    }

    pub fn all(&self) -> &[Route] {
        &self.0
    }

    /// The route with most words in common; of those the one whose parameters span least.
    pub fn find<'a>(&'a self, method: &str, path: &str) -> Result<Match<'a>, String> {
        let parts: Vec<_> = path.split('/').skip(1).collect();
        let matches = |route: &'a Route| Some(Match { route, captured: captured(&route.segments, &parts)? });
        let found = self.0.iter().filter(|route| route.method == method).filter_map(matches);
        let best = found.max_by_key(|found| found.route.rank());
        best.ok_or_else(|| format!("GitHub has no route {method} {path}"))
    }
}

impl Route {
    fn of(document: &Document, method: &str, path: &str, operation: Operation) -> Self {
        let template = path.replace("~1", "/").replace("~0", "~");
        let parameters = operation.parameters.into_iter().map(|parameter| parameter.resolved(document));
        let spanning: Vec<_> = parameters.filter(|parameter| parameter.spans).map(|parameter| parameter.name).collect();
        Self {
            method: method.to_uppercase(),
            summary: operation.summary,
            segments: template.split('/').skip(1).map(|part| segment(part, &spanning)).collect(),
            template,
            pointer: format!("/paths/{path}/{method}"),
        }
    }

    fn rank(&self) -> (usize, Reverse<usize>) {
        let count = |wanted: fn(&Segment) -> bool| self.segments.iter().filter(|segment| wanted(segment)).count();
        let words = count(|segment| matches!(segment, Segment::Word(_)));
        (words, Reverse(count(|segment| matches!(segment, Segment::Spanning(_)))))
    }
}

impl Parameter {
    fn resolved(self, document: &Document) -> Self {
        let pointer = self.reference.as_deref().and_then(|reference| reference.strip_prefix('#'));
        let referred = pointer.and_then(|pointer| document.at(pointer));
        referred.map_or(self, |parameter| serde_json::from_value(parameter).unwrap())
    }
}

/// Pointers to the operation's parameters, behind references.
pub fn parameters(document: &Document, pointer: &str) -> Vec<String> {
    let pointer = format!("{pointer}/parameters");
    let count = document.at(&pointer).and_then(|list| list.as_array().map(Vec::len)).unwrap_or_default();
    (0..count).filter_map(|n| document.resolved(&format!("{pointer}/{n}"))).collect()
}

fn segment(part: &str, spanning: &[String]) -> Segment {
    match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        None => Segment::Word(part.to_owned()),
        Some(name) if spanning.iter().any(|spanning| spanning == name) => Segment::Spanning(name.to_owned()),
        Some(name) => Segment::Parameter(name.to_owned()),
    }
}

fn captured<'a>(segments: &'a [Segment], parts: &[&str]) -> Option<Vec<(&'a str, String)>> {
    let Some((segment, segments)) = segments.split_first() else { return parts.is_empty().then(Vec::new) };
    match segment {
        Segment::Word(word) => parts.first().filter(|part| *part == word).and_then(|_| captured(segments, &parts[1..])),
        Segment::Parameter(name) => {
            let part = parts.first().filter(|part| !part.is_empty())?;
            with(name, (*part).to_owned(), captured(segments, &parts[1..])?)
        }
        // The root of a repository is a path of no parts; a branch has at least one.
        Segment::Spanning(name) => (usize::from(name != "path")..=parts.len())
            .find_map(|length| with(name, parts[..length].join("/"), captured(segments, &parts[length..])?)),
    }
}

fn with<'a>(name: &'a str, text: String, rest: Vec<(&'a str, String)>) -> Option<Vec<(&'a str, String)>> {
    Some([(name, text)].into_iter().chain(rest).collect())
}
