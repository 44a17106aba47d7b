//! The language of the server's configuration, as far as it is written here.

/// A text in quotes. What it may hold was checked where it was read; a quote or a backslash in it would be harmless.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A list, one item a line.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => "[]".to_owned(),
        items => format!("[\n      {}\n    ]", items.join(",\n      ")),
    }
}
