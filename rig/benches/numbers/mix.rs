//! What a bot asks of GitHub: it reads more than it writes.

use http::Method;

/// So many issues each repository has.
pub const ISSUES: usize = 100;

/// A request to the REST API; the path is without the API's own prefix.
pub struct Asked {
    pub method: Method,
    pub path: String,
    /// Empty for none.
    pub body: String,
}

impl Asked {
    fn get(path: String) -> Self {
        Self { method: Method::GET, path, body: String::new() }
    }
}

/// The name of a repository.
pub fn name(repository: usize) -> String {
    format!("site-{repository}")
}

/// What files the issue of this number, one after the other in all repositories.
pub fn issue(n: usize, repositories: usize) -> Asked {
    let path = format!("/repos/acme/{}/issues", name(n % repositories));
    let body = format!(r#"{{"title":"Number {n}","body":"{}"}}"#, "It should greet by name. ".repeat(10));
    Asked { method: Method::POST, path, body }
}

/// One of eight kinds of requests to one of so many repositories: eight in ten read.
pub fn request(n: usize, repositories: usize) -> Asked {
    let at = format!("/repos/acme/{}", name(n.wrapping_mul(7) % repositories));
    let issue = format!("{at}/issues/{}", n.wrapping_mul(13) % ISSUES + 1);
    match n % 10 {
        0..=3 => Asked::get(issue),
        4 => Asked::get(format!("{issue}/comments")),
        5 => Asked::get(format!("{at}/issues?per_page=5")),
        6 => Asked::get(at),
        7 => Asked::get(format!("{at}/git/ref/heads/main")),
        8 => Asked {
            method: Method::POST,
            path: format!("{issue}/comments"),
            body: r#"{"body":"Which name?"}"#.to_owned(),
        },
        _ => Asked { method: Method::PATCH, path: issue, body: format!(r#"{{"title":"Number {n}, again"}}"#) },
    }
}
