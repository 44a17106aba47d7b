//! Names that GitHub would take.

use toml::Value;

use crate::workflow::table::{text, texts};

const LONGEST_LOGIN: usize = 39;
const LONGEST_REPOSITORY: usize = 100;

/// A list of logins, each another account.
pub(super) fn logins(value: Value) -> Result<Vec<String>, String> {
    let logins = texts(value)?;
    for (n, login) in logins.iter().enumerate() {
        fits_login(login)?;
        if super::has(logins.get(..n).unwrap_or_default(), login) {
            return Err(format!("{login:?} is there twice; GitHub's logins have no case"));
        }
    }
    Ok(logins)
}

fn fits_login(login: &str) -> Result<(), String> {
    let inner = login.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let fits = inner && !login.starts_with('-') && !login.ends_with('-') && (1..=LONGEST_LOGIN).contains(&login.len());
    let sentence = "is no login: letters, digits and single hyphens inside, at most 39";
    if fits && !login.contains("--") { Ok(()) } else { Err(format!("{login:?} {sentence}")) }
}

/// `owner/name`, taken apart.
pub(super) fn repository(text: &str) -> Result<(String, String), String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let fits = |name: &str| {
        name.bytes().all(plain)
            && (1..=LONGEST_REPOSITORY).contains(&name.len())
            && !matches!(name, "." | "..")
            && !name.to_ascii_lowercase().ends_with(".git")
    };
    match text.split_once('/') {
        Some((owner, name)) if fits(name) => Ok((owner.to_owned(), name.to_owned())),
        _ => {
            Err(format!("{text:?} is no repository; write \"owner/name\", the name of letters, digits, '.', '_', '-'"))
        }
    }
}

/// An address to which something is posted.
pub(super) fn url(value: Value) -> Result<String, String> {
    let text = text(value)?;
    let is_http = text.starts_with("http://") || text.starts_with("https://");
    match text.parse::<http::Uri>() {
        Ok(uri) if is_http && uri.host().is_some_and(|host| !host.is_empty()) => Ok(text),
        _ => Err("this is no address; write one like \"http://127.0.0.1:8420/webhooks/github\"".into()),
    }
}
