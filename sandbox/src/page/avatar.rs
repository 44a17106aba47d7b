//! A small picture for each account: a pattern of its number, the same each time.

use std::fmt::Write;

use http::HeaderValue;
use sha1::{Digest, Sha1};

use super::frame;
use crate::world::{AccountId, Answer};

const SVG: HeaderValue = HeaderValue::from_static("image/svg+xml");

/// Left half and middle; the right half mirrors the left.
const COLUMNS: usize = 3;
const ROWS: usize = 5;

/// What a browser shows beside a page's title.
pub(super) fn icon() -> Answer {
    const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#6639ba"/><path d="M5.5 4v8l6-4z" fill="#fff"/></svg>"##;
    frame::plain(SVG, ICON.into())
}

/// Any number has one: an account that is gone has left its picture in what it wrote.
pub(super) fn drawn(id: &str) -> Option<Answer> {
    let id: AccountId = id.parse().ok()?;
    let digest: [u8; 20] = Sha1::digest(id.to_string()).into();
    let [red, green, blue, pattern @ ..] = digest;
    let colour = [red, green, blue].map(|part| 0x48 + part / 2);
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 7 7"><path fill="#888" fill-opacity=".15" d="M0 0h7v7H0z"/><path fill="#{}" d=""##,
        hex::encode(colour)
    );
    for (at, byte) in pattern.iter().take(COLUMNS * ROWS).enumerate() {
        if byte % 2 == 0 {
            let (column, row) = (at % COLUMNS + 1, at / COLUMNS + 1);
            // A String takes whatever is written.
            write!(svg, "M{column} {row}h1v1h-1z M{} {row}h1v1h-1z ", 6 - column).ok();
        }
    }
    svg.push_str(r#""/></svg>"#);
    Some(frame::plain(SVG, svg.into()))
}
