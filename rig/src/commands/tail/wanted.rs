//! What a person names: a family, a repository, or a filter of subjects.

use bus::filter::{Filter, Repositories};

use crate::exit::Failure;

/// The filters for these words; everything for none.
///
/// # Errors
/// When a word means none of them.
pub(crate) fn filters(words: &[String]) -> Result<Vec<String>, Failure> {
    let mut filters = Vec::new();
    for word in words {
        filters.extend(meant(word)?);
    }
    let filters = Filter::without_covered(filters);
    for (n, filter) in filters.iter().enumerate() {
        if let Some(other) = filters[n + 1..].iter().find(|other| filter.overlaps(other)) {
            let what = format!("`{filter}` and `{other}` overlap, and the server takes no two such filters");
            return Err(Failure::usage(what).advice("Name the wider one, or start two commands."));
        }
    }
    Ok(filters.iter().map(ToString::to_string).collect())
}

fn meant(word: &str) -> Result<Vec<Filter>, Failure> {
    if let Some(family) = Filter::of_family(word) {
        return Ok(vec![family]);
    }
    if word.contains('/') {
        let repositories: Repositories = word.parse().map_err(usage)?;
        return Ok(Filter::about(&repositories));
    }
    if word.starts_with("rig.") || word.contains('>') || word.contains('*') {
        return Ok(vec![word.parse().map_err(usage)?]);
    }
    let families: Vec<&str> = Filter::families().collect();
    Err(Failure::usage(format!("`{}` names nothing that LOG holds", word.escape_debug())).advice(format!(
        "Name a family ({}), a repository (acme/site) or a filter ('rig.evt.github.>').",
        families.join(", ")
    )))
}

fn usage(error: impl std::fmt::Display) -> Failure {
    Failure::usage(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Result<Vec<String>, String> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        filters(&words).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_word_is_a_family_a_repository_or_a_filter() {
        assert_eq!(of(&[]).unwrap(), [""; 0]);
        assert_eq!(of(&["work", "chat"]).unwrap(), ["rig.evt.chat.>", "rig.evt.work.>"]);
        assert!(of(&["Acme/Site"]).unwrap().contains(&"rig.evt.github.acme.site.>".to_owned()));
        assert_eq!(of(&["rig.evt.github.>", "rig.evt.github.acme.*.push"]).unwrap(), ["rig.evt.github.>"]);
    }

    #[test]
    fn what_is_none_of_them_is_refused_with_what_there_is() {
        assert!(of(&["wrok"]).unwrap_err().contains("`wrok` names nothing"));
        assert!(of(&["rig.evt.a b"]).unwrap_err().contains("is no filter"));
        let overlapping = of(&["rig.evt.github.acme.*.push", "rig.evt.github.*.site.push"]);
        assert!(overlapping.unwrap_err().contains("overlap"));
    }
}
