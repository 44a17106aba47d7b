//! The pages of `rig github setup`: what is asked of GitHub, and what came of it.

use std::fmt::Write as _;

/// An App that GitHub is to be asked for.
pub(super) struct Asked {
    pub(super) role: &'static str,
    /// Where the form goes.
    pub(super) action: String,
    pub(super) manifest: String,
}

/// Leads to GitHub with a manifest.
pub(super) fn ask(asked: &Asked) -> String {
    let Asked { role, action, manifest } = asked;
    let (action, manifest) = (escaped(action), escaped(manifest));
    whole(&format!(
        "<h1>The {role}'s App</h1>\
         <p>GitHub shows you what it may do, and lets you change its name.</p>\
         <form method=\"post\" action=\"{action}\">\
         <input type=\"hidden\" name=\"manifest\" value=\"{manifest}\">\
         <button type=\"submit\">To GitHub</button></form>"
    ))
}

/// An App is made, and has to be installed.
pub(super) fn made(login: &str, install: &str, next: Option<&str>) -> String {
    let (login, install) = (escaped(login), escaped(install));
    let next = match next {
        Some(role) => format!("<p>Then: <a href=\"/\">the {role}'s App</a>.</p>"),
        None => "<p>That was the last one. Then, in the terminal: <code>rig doctor</code>.</p>".to_owned(),
    };
    whole(&format!(
        "<h1>{login} is made</h1><p><a href=\"{install}\" target=\"_blank\" rel=\"noreferrer\">Install it on your \
         repository</a>.</p>{next}"
    ))
}

/// A heading and sentences.
pub(super) fn told(heading: &str, sentences: &[String]) -> String {
    let mut main = format!("<h1>{}</h1>", escaped(heading));
    for sentence in sentences {
        let _ = write!(main, "<p>{}</p>", escaped(sentence));
    }
    whole(&format!("{main}<p><a href=\"/\">The first page</a></p>"))
}

fn whole(main: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>rig github setup</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>body{{font:1rem/1.5 system-ui;max-width:36rem;\
         margin:3rem auto;padding:0 1rem}}</style></head><body><main>{main}</main></body></html>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_stays_text() {
        let page = made("<script>", "\"><script>", None);
        assert!(!page.contains("<script>"), "{page}");
    }
}
