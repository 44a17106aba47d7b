//! Filters: which subjects a reader or a subscriber asks for.
//!
//! A filter is a subject in which `*` stands for any one token and a last `>` for one or more. As with subjects, this
//! file and [`crate::subject`] alone build them.

use std::{fmt, str::FromStr};

use crate::{
    catalogue::{TypeName, agent},
    number::IssueNumber,
    subject::{FAMILIES, Family},
    token::Token,
};

const ANY: &str = "*";
const REST: &str = ">";

/// Which records of LOG are asked for, by their subjects.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Filter(String);

/// Why a text is not a filter.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAFilter {
    /// It is not made of tokens.
    #[error("`{0}` is no filter: tokens with dots between them, `*` for any one token, `>` last for the rest")]
    Form(String),
    /// No record of LOG could match.
    #[error("`{0}` matches nothing that LOG holds; its subjects begin with rig.evt. or rig.cmd. (`rig subjects`)")]
    NotLogged(String),
}

/// Repositories, as GitHub names them: one, or all of an owner, or all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Repositories {
    owner: Option<Token>,
    repo: Option<Token>,
}

/// Why a text names no repositories.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` names no repositories: one is acme/site, all of an owner acme/*")]
pub struct NotRepositories(String);

impl Filter {
    /// All of LOG.
    #[must_use]
    pub fn everything() -> Vec<Self> {
        vec![Self("rig.evt.>".to_owned()), Self("rig.cmd.>".to_owned())]
    }

    /// The records of one family, as `github` or `work`; none for what is no family of LOG.
    #[must_use]
    pub fn of_family(name: &str) -> Option<Self> {
        logged()
            .find(|family| name_of(*family) == name)
            .map(|_| Self(if name == "cmd" { "rig.cmd.>".to_owned() } else { format!("rig.evt.{name}.>") }))
    }

    /// The names of the families that LOG holds.
    pub fn families() -> impl Iterator<Item = &'static str> {
        let mut before = "";
        logged().map(name_of).filter(move |name| std::mem::replace(&mut before, *name) != *name)
    }

    /// Whatever is said in this room: by people, by agents, by the conductor.
    #[must_use]
    pub fn of_room(room: &Token) -> [Self; 2] {
        [Self(format!("rig.evt.chat.{room}.{REST}")), Self(format!("rig.cmd.chat.{room}.{ANY}"))]
    }

    /// Whatever is said in any room.
    #[must_use]
    pub fn of_rooms() -> [Self; 2] {
        [Self(format!("rig.evt.chat.{REST}")), Self(format!("rig.cmd.chat.{REST}"))]
    }

    /// Whatever may be told to people ([`crate::told`]): what is said in rooms, the steps of work, the words of agents.
    #[must_use]
    pub fn of_what_is_told() -> Vec<Self> {
        Self::of_rooms().into_iter().chain([Self::of_steps()]).chain(Self::of_agents_words()).collect()
    }

    /// What happened to any item.
    #[must_use]
    pub fn of_steps() -> Self {
        Self(format!("rig.evt.work.{REST}"))
    }

    /// What agents say of their work.
    #[must_use]
    pub fn of_agents_words() -> Vec<Self> {
        let words = agent::Kind::ALL.iter().filter(|kind| kind.is_words());
        words.map(|kind| Self(format!("rig.evt.agent.{ANY}.{}", kind.name()))).collect()
    }

    /// What happened to one item of a repository.
    #[must_use]
    pub fn of_item(repository: &str, number: IssueNumber) -> Self {
        let (owner, repo) = repository.split_once('/').unwrap_or(("", repository));
        let (owner, repo) = (Token::of_github_name(owner), Token::of_github_name(repo));
        Self(format!("rig.evt.work.{owner}.{repo}.{}.{ANY}", number.0))
    }

    /// Whatever is about these repositories.
    #[must_use]
    pub fn about(repositories: &Repositories) -> Vec<Self> {
        logged()
            .filter(names_a_repository)
            .map(|family| Self::fill(family.pattern, ANY, repositories).up_to_the_last_named())
            .collect()
    }

    /// Records of this type, as far as subjects tell types apart; about these repositories where the subject names one.
    #[must_use]
    pub fn of_type(type_name: TypeName<'_>, repositories: &Repositories) -> Vec<Self> {
        logged()
            .filter(|family| name_of(*family) == type_name.family)
            .map(|family| Self::fill(family.pattern, Token::of(type_name.kind).as_str(), repositories))
            .collect()
    }

    /// Whether records of this type stand under a subject that names a repository.
    #[must_use]
    pub fn narrows(type_name: TypeName<'_>) -> bool {
        logged().any(|family| name_of(family) == type_name.family && names_a_repository(&family))
    }

    /// Everything on one row of the subject tree, or one kind of it.
    #[must_use]
    pub fn of_row(family: &Family, kind: Option<&Token>) -> Self {
        Self::fill(family.pattern, kind.map_or(ANY, Token::as_str), &Repositories::default())
    }

    fn fill(pattern: &str, kind: &str, repositories: &Repositories) -> Self {
        let tokens = pattern.split('.').map(|part| match part {
            "<owner>" => repositories.owner.as_ref().map_or(ANY, Token::as_str),
            "<repo>" => repositories.repo.as_ref().map_or(ANY, Token::as_str),
            "<kind>" | "<verb>" => kind,
            part if part.starts_with('<') => ANY,
            part => part,
        });
        Self(tokens.collect::<Vec<_>>().join("."))
    }

    fn up_to_the_last_named(self) -> Self {
        let named = self.0.trim_end_matches(".*");
        if named.len() == self.0.len() { self } else { Self(format!("{named}.{REST}")) }
    }

    /// Whether every subject that `other` matches is matched by this one too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let (mut mine, mut theirs) = (self.0.split('.'), other.0.split('.'));
        loop {
            match (mine.next(), theirs.next()) {
                (None, None) | (Some(REST), Some(_)) => return true,
                (Some(ANY), Some(token)) if token != REST => {}
                (Some(mine), Some(theirs)) if mine == theirs => {}
                _ => return false,
            }
        }
    }

    /// Whether some subject is matched by both. The server takes no two such filters for one consumer.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let (mut mine, mut theirs) = (self.0.split('.'), other.0.split('.'));
        loop {
            match (mine.next(), theirs.next()) {
                (None, None) | (Some(REST), Some(_)) | (Some(_), Some(REST)) => return true,
                (Some(a), Some(b)) if a == ANY || b == ANY || a == b => {}
                _ => return false,
            }
        }
    }

    /// Whether this subject is matched.
    #[must_use]
    pub fn matches(&self, subject: &str) -> bool {
        self.covers(&Self(subject.to_owned()))
    }

    /// The filters without those that another one covers.
    #[must_use]
    pub fn without_covered(mut filters: Vec<Self>) -> Vec<Self> {
        filters.sort();
        filters.dedup();
        let all = filters.clone();
        filters.retain(|filter| !all.iter().any(|other| other != filter && other.covers(filter)));
        filters
    }

    /// The filter as the server takes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn logged() -> impl Iterator<Item = Family> {
    FAMILIES
        .iter()
        .copied()
        .filter(|family| family.pattern.starts_with("rig.evt.") || family.pattern.starts_with("rig.cmd."))
}

fn name_of(family: Family) -> &'static str {
    let mut tokens = family.pattern.split('.').skip(1);
    match tokens.next() {
        Some("evt") => tokens.next().unwrap_or_default(),
        first => first.unwrap_or_default(),
    }
}

fn names_a_repository(family: &Family) -> bool {
    family.pattern.contains(".<owner>.<repo>.")
}

impl FromStr for Filter {
    type Err = NotAFilter;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let well_formed = |token: &str| token == ANY || Token::parse(token).is_some();
        let head = text.strip_suffix(".>").unwrap_or(text);
        if !head.split('.').all(well_formed) {
            return Err(NotAFilter::Form(text.escape_debug().to_string()));
        }
        let filter = Self(text.to_owned());
        let reaches_log = Self::everything().iter().any(|log| log.overlaps(&filter));
        if reaches_log { Ok(filter) } else { Err(NotAFilter::NotLogged(filter.0)) }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Repositories {
    type Err = NotRepositories;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refusal = || NotRepositories(text.escape_debug().to_string());
        let (owner, repo) = text.split_once('/').ok_or_else(refusal)?;
        Ok(Self { owner: name_or_any(owner).ok_or_else(refusal)?, repo: name_or_any(repo).ok_or_else(refusal)? })
    }
}

/// A star inside a name would need a pattern that subjects do not have, so it is no name.
fn name_or_any(text: &str) -> Option<Option<Token>> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match text {
        "" => None,
        ANY => Some(None),
        name if name.chars().all(is_name) => Some(Some(Token::of_github_name(name))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{catalogue::Kind, subject::Subject};

    fn filter(text: &str) -> Filter {
        text.parse().unwrap()
    }

    fn texts(filters: Vec<Filter>) -> Vec<String> {
        filters.iter().map(ToString::to_string).collect()
    }

    fn of(type_name: &str, repositories: &str) -> Vec<String> {
        texts(Filter::of_type(TypeName::parse(type_name).unwrap(), &repositories.parse().unwrap()))
    }

    #[test]
    fn a_type_is_filtered_by_kind_and_repository() {
        assert_eq!(of("rig.github.issues.v1", "Acme/*"), ["rig.evt.github.acme.*.issues"]);
        assert_eq!(of("rig.github.push.v1", "acme/hello.site"), ["rig.evt.github.acme.hello%2Esite.push"]);
        assert_eq!(of("rig.work.merged.v1", "*/*"), ["rig.evt.work.*.*.*.merged"]);
        assert_eq!(of("rig.chat.said.v1", "*/*"), ["rig.evt.chat.*.operator.*", "rig.evt.chat.*.agent.*"]);
        assert_eq!(of("rig.dead.parked.v1", "acme/*"), ["rig.evt.dead.*"]);
        assert_eq!(of("rig.bus.gap.v1", "*/*"), ["rig.evt.bus.gap"]);
    }

    #[test]
    fn every_type_of_the_catalogue_has_a_filter_that_matches_where_it_stands() {
        for kind in Kind::all() {
            let type_name = TypeName::parse(kind.type_name()).unwrap();
            let filters = Filter::of_type(type_name, &Repositories::default());
            assert!(!filters.is_empty(), "{}", kind.type_name());
            for filter in filters {
                let subject = filter.as_str().replace('*', "x");
                let subject: Subject = subject.parse().unwrap();
                assert!(type_name.belongs_on(&subject), "{} on {subject}", kind.type_name());
            }
        }
    }

    #[test]
    fn families_and_repositories_read_as_people_say_them() {
        assert_eq!(Filter::of_family("work"), Some(filter("rig.evt.work.>")));
        assert_eq!(Filter::of_family("cmd"), Some(filter("rig.cmd.>")));
        assert_eq!(Filter::of_family("svc"), None);
        let item = Filter::of_item("Acme/hello.site", IssueNumber(42));
        assert_eq!(item, filter("rig.evt.work.acme.hello%2Esite.42.*"));
        let room = Filter::of_room(&Token::of("acme/site#4"));
        assert_eq!(room, ["rig.evt.chat.acme%2Fsite%234.>", "rig.cmd.chat.acme%2Fsite%234.*"].map(filter));
        assert!(Filter::families().any(|name| name == "chat"));
        assert_eq!(Filter::families().filter(|name| *name == "chat").count(), 1);
        assert_eq!(
            texts(Filter::about(&"acme/site".parse().unwrap())),
            [
                "rig.evt.github.acme.site.>",
                "rig.evt.deploy.acme.site.>",
                "rig.evt.work.acme.site.>",
                "rig.cmd.github.acme.site.>",
                "rig.cmd.deploy.acme.site.>",
            ]
        );
    }

    #[test]
    fn what_is_told_can_be_asked_of_one_consumer() {
        let all = Filter::of_what_is_told();
        for told in ["rig.evt.chat.general.agent.dev-e", "rig.cmd.chat.ops.say", "rig.evt.work.acme.site.1.live"] {
            assert!(all.iter().any(|filter| filter.matches(told)), "{told}");
        }
        assert!(all.iter().any(|filter| filter.matches("rig.evt.agent.dev-e.progressed")));
        assert!(!all.iter().any(|filter| filter.matches("rig.evt.agent.dev-e.alive")), "signs of life are not read");
        for (n, filter) in all.iter().enumerate() {
            assert!(all[n + 1..].iter().all(|other| !filter.overlaps(other)), "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused_with_a_sentence() {
        for text in ["", "rig..x", "rig.>.x", "rig.evt.a b", "rig.evt.a*"] {
            assert!(matches!(text.parse::<Filter>(), Err(NotAFilter::Form(_))), "{text}");
        }
        for text in ["rig.svc.>", "foo.*", "rig.say.chat.general.dev-e"] {
            assert!(matches!(text.parse::<Filter>(), Err(NotAFilter::NotLogged(_))), "{text}");
        }
        for text in ["acme", "acme/", "/x", "acme/web-*", "a/b/c"] {
            assert!(text.parse::<Repositories>().is_err(), "{text}");
        }
        assert!("*.>".parse::<Filter>().is_ok());
        assert!("rig.>".parse::<Filter>().is_ok());
    }

    #[test]
    fn covered_filters_are_left_out() {
        let all = ["rig.evt.github.acme.*.push", "rig.evt.github.>", "rig.evt.chat.>", "rig.evt.chat.>"];
        let kept = Filter::without_covered(all.iter().map(|text| filter(text)).collect());
        assert_eq!(texts(kept), ["rig.evt.chat.>", "rig.evt.github.>"]);
        assert!(!filter("rig.evt.work.>").covers(&filter("rig.evt.>")));
        assert!(!filter("rig.evt.work.*").covers(&filter("rig.evt.work.>")));
        assert!(filter("rig.evt.*.a").overlaps(&filter("rig.evt.b.*")));
        assert!(!filter("rig.evt.*.a").overlaps(&filter("rig.evt.b.c")));
    }

    proptest! {
        #[test]
        fn covering_is_matching_whatever_the_other_matches(
            mine in "rig(\\.([ab]|\\*)){0,3}(\\.>)?",
            theirs in "rig(\\.([ab]|\\*)){0,3}(\\.>)?",
            subject in "rig(\\.[ab]){0,4}",
        ) {
            let (mine, theirs) = (Filter(mine), Filter(theirs));
            let both = mine.matches(&subject) && theirs.matches(&subject);
            prop_assert!(!both || mine.overlaps(&theirs));
            prop_assert!(!(mine.covers(&theirs) && theirs.matches(&subject)) || mine.matches(&subject));
        }
    }
}
