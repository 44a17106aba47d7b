//! Text from outside, in a form that a `text` column takes.
//!
//! JSON can say what PostgreSQL's text cannot hold: U+0000, and half a surrogate pair. A derived column shows U+FFFD in
//! their place; `log` keeps the record's bytes as they were.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, de};

/// A JSON string, with U+FFFD for whatever a text column refuses.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_string(self) -> String {
        self.0.into_owned()
    }
}

/// A text without U+0000.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// Whether a text column takes these bytes as they are.
pub(crate) fn is_storable(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes).is_none() && std::str::from_utf8(bytes).is_ok()
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    /// As bytes, because the parser gives half a surrogate pair only in bytes and refuses it in a text.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_bytes<E: de::Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                Ok(Text(match std::str::from_utf8(bytes) {
                    Ok(text) => clean(text),
                    Err(_) => Cow::Owned(readable(bytes)),
                }))
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(readable(bytes))))
            }
        }

        deserializer.deserialize_bytes(Visitor)
    }
}

/// The text with one U+FFFD for each half surrogate pair (three bytes, the first 0xED) and each U+0000.
fn readable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let valid = rest.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        text.push_str(&clean(valid));
        rest = &rest[valid.len()..];
        if !rest.is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
            rest = &rest[surrogate_len(rest)..];
        }
    }
    text
}

const fn surrogate_len(bytes: &[u8]) -> usize {
    match bytes {
        [0xed, 0xa0..=0xbf, 0x80..=0xbf, ..] => 3,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> String {
        serde_json::from_str::<Text<'_>>(json).unwrap().into_string()
    }

    #[test]
    fn what_a_column_refuses_is_shown_as_a_replacement() {
        assert_eq!(read(r#""plain""#), "plain");
        assert_eq!(read(r#""a\u0000b""#), "a\u{fffd}b");
        assert_eq!(read(r#""a\ud800b\udc00""#), "a\u{fffd}b\u{fffd}");
        assert_eq!(read(r#""\ud83d\ude00""#), "😀");
        assert_eq!(read(r#""\n\"\\""#), "\n\"\\");
    }

    #[test]
    fn a_text_without_escapes_is_not_copied() {
        assert!(matches!(serde_json::from_str::<Text<'_>>("\"plain\"").unwrap().0, Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_no_string_is_no_text() {
        for json in ["1", "null", "{}", "[\"a\"]"] {
            assert!(serde_json::from_str::<Text<'_>>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back_but_for_its_nuls(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(read(&json), text.replace('\0', "\u{fffd}"));
        }

        #[test]
        fn any_escapes_become_a_text_that_a_column_takes(units in prop::collection::vec(any::<u16>(), 0..20)) {
            let json: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let text = read(&format!("\"{json}\""));
            prop_assert!(is_storable(text.as_bytes()));
            prop_assert_eq!(text, String::from_utf16_lossy(&units).replace('\0', "\u{fffd}"));
        }
    }
}
