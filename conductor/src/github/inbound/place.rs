//! Where a record stands and what it is about.

use std::borrow::Cow;

use bus::{Subject, Token, catalogue::github::Event};

use super::Payload;
use crate::github::{
    json::Json,
    payload::{Kind, Thing, login},
};

/// What of GitHub a delivery is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Place<'a> {
    owner: Option<Cow<'a, str>>,
    repo: Option<Cow<'a, str>>,
    id: Option<u64>,
    thing: Option<Thing<'a>>,
}

impl<'a> Place<'a> {
    /// Where this payload belongs.
    pub(super) fn of(payload: &Payload<'a>) -> Self {
        let Some((owner, repo, id)) = payload.repository.and_then(repository) else {
            return Self { owner: owner_without_repository(payload), ..Self::default() };
        };
        Self { owner: Some(owner), repo: Some(repo), id, thing: payload.thing }
    }

    /// Its subject. Names on GitHub are case-insensitive, so the tokens are lower-cased.
    pub(super) fn subject(&self, kind: Event) -> Subject {
        Subject::Github {
            owner: token(self.owner.as_deref()),
            repo: token(self.repo.as_deref()),
            kind: Token::of(kind.name()),
        }
    }

    /// The repository as GitHub spells it.
    pub(super) fn repository(&self) -> Option<String> {
        Some(format!("{}/{}", self.owner.as_deref()?, self.repo.as_deref()?))
    }

    /// The repository's number at GitHub.
    pub(super) const fn repository_id(&self) -> Option<u64> {
        self.id
    }

    /// What it is about, as `acme/site#42`, `acme/site!57` or `acme/site`.
    pub(super) fn about(&self) -> Option<String> {
        let repository = self.repository()?;
        let numbered = self.thing.and_then(|thing| Some((thing.kind, thing.number?)));
        Some(match numbered {
            Some((Kind::Issue, number)) => format!("{repository}#{number}"),
            Some((Kind::Pull, number)) => format!("{repository}!{number}"),
            Some((Kind::Discussion, _)) | None => repository,
        })
    }

    /// The repository, or at least whose it is.
    pub(super) fn known(&self) -> Option<Cow<'_, str>> {
        self.repository().map(Cow::Owned).or_else(|| self.owner.as_deref().map(Cow::Borrowed))
    }
}

fn token(name: Option<&str>) -> Token {
    name.map_or_else(Token::none, Token::of_github_name)
}

/// The organisation, or the account that an App was installed for.
fn owner_without_repository<'a>(payload: &Payload<'a>) -> Option<Cow<'a, str>> {
    login(payload.organization).or_else(|| login(payload.installation?.field("account")))
}

/// Owner, name and id of a repository.
fn repository<'a>(repository: Json<'a>) -> Option<(Cow<'a, str>, Cow<'a, str>, Option<u64>)> {
    let [full_name, owner, name, id] = repository.pick(["full_name", "owner", "name", "id"]);
    let (owner, repo) = full_name
        .and_then(Json::name)
        .and_then(split)
        .or_else(|| Some((login(owner)?, name?.name()?)))
        .filter(|(owner, repo)| !owner.is_empty() && !repo.is_empty())?;
    Some((owner, repo, id.and_then(Json::number)))
}

fn split(full: Cow<'_, str>) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    match full {
        Cow::Borrowed(full) => full.split_once('/').map(|(owner, repo)| (owner.into(), repo.into())),
        Cow::Owned(full) => full.split_once('/').map(|(owner, repo)| (owner.to_owned().into(), repo.to_owned().into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(payload: &str) -> (String, Option<String>, Option<u64>) {
        let place = Place::of(&Payload::of(Json::parse(payload).unwrap()));
        (place.subject(Event::Issues).to_string(), place.about(), place.repository_id())
    }

    #[track_caller]
    fn check(payload: &str, subject: &str, about: Option<&str>, id: Option<u64>) {
        assert_eq!(place(payload), (format!("rig.evt.github.{subject}.issues"), about.map(str::to_owned), id));
    }

    #[test]
    fn tokens_are_lower_case_and_what_it_is_about_keeps_githubs_spelling() {
        check(
            r#"{"repository":{"id":7,"full_name":"Acme/Hello.Site"},"issue":{"number":42}}"#,
            "acme.hello%2Esite",
            Some("Acme/Hello.Site#42"),
            Some(7),
        );
    }

    #[test]
    fn a_pull_request_has_its_own_mark_also_as_an_issue() {
        check(r#"{"repository":{"full_name":"a/b"},"pull_request":{"number":57}}"#, "a.b", Some("a/b!57"), None);
        check(
            r#"{"repository":{"full_name":"a/b"},"issue":{"number":57,"pull_request":{}}}"#,
            "a.b",
            Some("a/b!57"),
            None,
        );
        check(
            r#"{"repository":{"full_name":"a/b"},"issue":{"number":57,"pull_request":null}}"#,
            "a.b",
            Some("a/b#57"),
            None,
        );
    }

    #[test]
    fn without_a_repository_it_stands_with_its_organisation_or_account() {
        check(r#"{"organization":{"login":"Acme"}}"#, "acme._", None, None);
        check(r#"{"installation":{"account":{"login":"nora"}}}"#, "nora._", None, None);
        check(r#"{"installation":{"id":4}}"#, "_._", None, None);
        check("{}", "_._", None, None);
    }

    #[test]
    fn a_real_underscore_is_not_none() {
        check(r#"{"repository":{"full_name":"_/_"}}"#, "%5F.%5F", Some("_/_"), None);
    }

    #[test]
    fn of_another_type_is_as_if_it_were_not_there() {
        check(r#"{"repository":"a/b","organization":[{"login":"x"}]}"#, "_._", None, None);
        check(r#"{"repository":{"full_name":7,"id":-1}}"#, "_._", None, None);
        check(r#"{"repository":{"full_name":"nothing"}}"#, "_._", None, None);
        check(r#"{"repository":{"full_name":"/b","name":"b"}}"#, "_._", None, None);
        check(r#"{"repository":{"full_name":7,"owner":{"login":"a"},"name":"b","id":1e2}}"#, "a.b", Some("a/b"), None);
        check(r#"{"repository":{"full_name":"a/b"},"issue":{"number":1e400}}"#, "a.b", Some("a/b"), None);
    }
}
