//! Events as people name them, and the filters that deliver them.

use bus::{
    catalogue::{Kind, TypeName},
    filter::{Filter, Repositories},
};

use crate::exit::Failure;

/// The most letters by which a misspelt name may differ.
const NEAR: usize = 2;

/// The filters for these events, in these repositories, and for these subjects.
///
/// # Errors
/// When an event is not in the catalogue, or a repository was named and no event has one.
pub(super) fn filters(
    events: &[String],
    repositories: Option<&Repositories>,
    subjects: Vec<Filter>,
) -> Result<Vec<Filter>, Failure> {
    let mut kinds = Vec::new();
    for event in events {
        kinds.extend(named(event)?);
    }
    let narrowed = kinds.iter().any(|kind| Filter::narrows(*kind));
    if let (Some(_), false, false) = (repositories, narrowed, kinds.is_empty()) {
        return Err(Failure::usage(format!("`{}` belongs to no repository", events.join(",")))
            .advice("Leave --repo out: these events are the whole rig's."));
    }
    let repositories = repositories.cloned().unwrap_or_default();
    let of_kinds = kinds.into_iter().flat_map(|kind| Filter::of_type(kind, &repositories));
    let filters = Filter::without_covered(of_kinds.chain(subjects).collect());
    apart(&filters).map(|()| filters)
}

/// The types of this name: `issues`, or with its family `github.issues`.
fn named(event: &str) -> Result<Vec<TypeName<'static>>, Failure> {
    let fits = |kind: &TypeName<'_>| match event.split_once('.') {
        Some((family, name)) => kind.family == family && kind.kind == name,
        None => kind.kind == event,
    };
    let found: Vec<_> = kinds().filter(fits).collect();
    if found.is_empty() { Err(unknown(event)) } else { Ok(found) }
}

fn kinds() -> impl Iterator<Item = TypeName<'static>> {
    Kind::all().filter_map(|kind| TypeName::parse(kind.type_name()))
}

fn unknown(event: &str) -> Failure {
    let near = kinds()
        .map(|kind| (strsim::damerau_levenshtein(event, kind.kind), kind.kind))
        .min()
        .filter(|(distance, name)| *distance <= NEAR && *distance < name.len());
    let advice = match near {
        Some((_, name)) => format!("Did you mean `{name}`?"),
        None => "docs/records.md lists every event; `rig subjects` shows what came so far.".to_owned(),
    };
    Failure::usage(format!("there is no event `{}`", event.escape_debug())).advice(advice)
}

/// The server takes no two filters for one consumer that match the same subject.
fn apart(filters: &[Filter]) -> Result<(), Failure> {
    for (n, filter) in filters.iter().enumerate() {
        if let Some(other) = filters[n + 1..].iter().find(|other| filter.overlaps(other)) {
            return Err(Failure::usage(format!(
                "`{filter}` and `{other}` overlap, and one subscriber cannot have both"
            ))
            .advice("Name the wider one, or make two subscribers."));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(events: &[&str], repo: Option<&str>, subjects: &[&str]) -> Result<Vec<String>, Failure> {
        let events: Vec<String> = events.iter().map(|event| (*event).to_owned()).collect();
        let repo = repo.map(|repo| repo.parse().unwrap());
        let subjects = subjects.iter().map(|subject| subject.parse().unwrap()).collect();
        let filters = filters(&events, repo.as_ref(), subjects)?;
        Ok(filters.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn events_become_filters_over_the_kinds_there_are() {
        assert_eq!(
            of(&["issues", "push", "said"], Some("acme/*"), &[]).unwrap(),
            [
                "rig.evt.chat.*.agent.*",
                "rig.evt.chat.*.operator.*",
                "rig.evt.github.acme.*.issues",
                "rig.evt.github.acme.*.push",
            ]
        );
        assert_eq!(of(&["bus.gap"], None, &[]).unwrap(), ["rig.evt.bus.gap"]);
        assert_eq!(of(&["push"], None, &["rig.evt.github.>"]).unwrap(), ["rig.evt.github.>"]);
    }

    #[test]
    fn what_is_misspelt_is_asked_about_and_nothing_is_pretended() {
        let failure = of(&["isues"], None, &[]).unwrap_err();
        assert_eq!(failure.to_string(), "there is no event `isues`");
        assert!(format!("{failure:?}").contains("Did you mean `issues`?"));
        let failure = of(&["teleported"], None, &[]).unwrap_err();
        assert!(format!("{failure:?}").contains("docs/records.md"), "{failure:?}");
    }

    #[test]
    fn a_repository_for_what_has_none_is_a_mistake() {
        let failure = of(&["said"], Some("acme/*"), &[]).unwrap_err();
        assert!(failure.to_string().contains("belongs to no repository"), "{failure}");
    }

    #[test]
    fn overlapping_filters_are_told_before_the_server_refuses_them() {
        let failure = of(&["push"], Some("acme/*"), &["rig.evt.github.*.site.push"]).unwrap_err();
        assert!(failure.to_string().contains("overlap"), "{failure}");
    }

    #[test]
    fn every_event_of_the_catalogue_can_be_asked_for() {
        for kind in kinds() {
            assert!(!of(&[kind.kind], None, &[]).unwrap().is_empty(), "{}", kind.kind);
        }
    }
}
