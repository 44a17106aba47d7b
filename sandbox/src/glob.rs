//! Patterns of paths and references: `*` is one part or a piece of one, `**` is any number of parts.

/// Whether a pattern fits a text.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let patterns: Vec<&str> = pattern.split('/').collect();
    let parts: Vec<&str> = text.split('/').collect();
    all(&patterns, &parts)
}

fn all(patterns: &[&str], parts: &[&str]) -> bool {
    match (patterns, parts) {
        ([], []) => true,
        ([], _) => false,
        (["**", rest @ ..], _) => (0..=parts.len()).any(|skipped| all(rest, parts.get(skipped..).unwrap_or(&[]))),
        ([first, rest @ ..], [part, parts @ ..]) => one(first, part) && all(rest, parts),
        _ => false,
    }
}

/// Within one part.
fn one(pattern: &str, part: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == part };
    let Some(rest) = part.strip_prefix(before) else { return false };
    let starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    starts.into_iter().any(|at| rest.get(at..).is_some_and(|rest| one(after, rest)))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn stars_stand_for_parts() {
        for (pattern, text, whether) in [
            ("/repos/*/*/pulls", "/repos/acme/hello.site/pulls", true),
            ("/repos/*/*/pulls", "/repos/acme/pulls", false),
            ("/repos/**", "/repos/acme/hello.site/pulls/1", true),
            ("/repos/**/merge", "/repos/acme/hello.site/pulls/1/merge", true),
            ("/repos/**/merge", "/repos/acme/hello.site/pulls/1", false),
            ("/repos/acme/*.site/issues", "/repos/acme/hello.site/issues", true),
            ("pull_request*", "pull_request_review", true),
            ("*", "push", true),
            ("*", "a/b", false),
            ("", "", true),
        ] {
            assert_eq!(fits(pattern, text), whether, "{pattern} on {text}");
        }
    }
}
