//! Names of branches hold slashes, and GitHub takes them as they are, also in the middle of a path.

use std::borrow::Cow;

/// What may follow a branch's name, or a commit's; the longest first.
const BRANCHES: [&str; 9] = [
    "/protection/required_status_checks/contexts",
    "/protection/required_pull_request_reviews",
    "/protection/required_status_checks",
    "/protection/restrictions/users",
    "/protection/restrictions/apps",
    "/protection/enforce_admins",
    "/protection/restrictions",
    "/protection",
    "/rename",
];
const COMMITS: [&str; 7] =
    ["/branches-where-head", "/check-suites", "/check-runs", "/statuses", "/comments", "/status", "/pulls"];

/// The path with the slashes of a branch's name escaped, so that the name is one part of it.
pub(super) fn folded(path: &str) -> Cow<'_, str> {
    if let Some(root) = root_of_files(path) {
        return root.into();
    }
    let mut parts = path.splitn(6, '/');
    let (Some(""), Some("repos"), Some(_), Some(_), Some(collection), Some(rest)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return path.into();
    };
    let tails: &[&str] = match collection {
        "branches" => &BRANCHES,
        "commits" => &COMMITS,
        _ => return path.into(),
    };
    let tail = tails.iter().find(|tail| rest.ends_with(**tail)).copied().unwrap_or("");
    let name = rest.strip_suffix(tail).unwrap_or(rest);
    if !name.contains('/') {
        return path.into();
    }
    let before = path.strip_suffix(rest).unwrap_or(path);
    format!("{before}{}{tail}", name.replace('/', "%2F")).into()
}

/// The root of a repository is a path of no parts; here it is one slash.
fn root_of_files(path: &str) -> Option<String> {
    let before = path.strip_suffix('/').unwrap_or(path).strip_suffix("/contents")?;
    let name = before.strip_prefix("/repos/")?;
    (name.matches('/').count() == 1).then(|| format!("{before}/contents/%2F"))
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn a_name_with_slashes_becomes_one_part() {
        for (path, whole) in [
            ("/repos/a/b/branches/main/protection", "/repos/a/b/branches/main/protection"),
            ("/repos/a/b/branches/x/y/protection", "/repos/a/b/branches/x%2Fy/protection"),
            ("/repos/a/b/branches/x/y", "/repos/a/b/branches/x%2Fy"),
            ("/repos/a/b/commits/heads/x/y/status", "/repos/a/b/commits/heads%2Fx%2Fy/status"),
            ("/repos/a/b/contents/x/y", "/repos/a/b/contents/x/y"),
            ("/repos/a/b/contents/contents", "/repos/a/b/contents/contents"),
            ("/repos/a/b/contents", "/repos/a/b/contents/%2F"),
            ("/repos/a/b/contents/", "/repos/a/b/contents/%2F"),
            ("/users/ada", "/users/ada"),
        ] {
            assert_eq!(folded(path), whole);
        }
    }
}
