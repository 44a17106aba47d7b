//! A look into JSON text that is known to be valid.
//!
//! Whether a text is JSON is decided by one parser only, `serde_json`, before anything here looks at it. What is left is
//! to find a few fields, and for that a full parse would cost more than everything else ingest does. Nothing here can
//! fail, nest or run away: a field of another type than expected is a field that is not there.

use std::borrow::Cow;

use serde_json::value::RawValue;

/// The longest text that is taken for a name, in bytes as it is written. GitHub's own names end at 255.
const LONGEST_NAME: usize = 1024;

/// How much of a longer text is looked at, in bytes as it is written.
const LONGEST_LOOK: usize = 1024;

/// The longest escape of one character, a surrogate pair.
const LONGEST_ESCAPE: usize = 12;

/// One value in a JSON text, without the white space round it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// The value that is this text, where it is JSON.
    pub(crate) fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<&RawValue>(text).map(|raw| Self(raw.get()))
    }

    /// The value that was read as JSON before.
    pub(crate) fn of(raw: &'a RawValue) -> Self {
        Self(raw.get())
    }

    /// It as it is written.
    pub(crate) const fn raw(self) -> &'a str {
        self.0
    }

    /// Whether it is an object.
    pub(crate) fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// Its fields in their order, names decoded; none where it is no object.
    pub(crate) fn fields(self) -> impl Iterator<Item = (Cow<'a, str>, Self)> {
        let mut parts = Parts::of(self.0, '{');
        std::iter::from_fn(move || {
            let name = parts.next()?;
            Some((name.decode().unwrap_or_default(), parts.next()?))
        })
    }

    /// Its field of this name; the last one where there are several, as every other reader takes it.
    pub(crate) fn field(self, name: &str) -> Option<Self> {
        self.fields().filter(|(found, _)| found == name).last().map(|(_, value)| value)
    }

    /// Its fields of these names, found in one pass.
    pub(crate) fn pick<const N: usize>(self, names: [&str; N]) -> [Option<Self>; N] {
        let mut found = [None; N];
        for (name, value) in self.fields() {
            if let Some(n) = names.iter().position(|wanted| *wanted == name) {
                found[n] = Some(value);
            }
        }
        found
    }

    /// Its items; none where it is no array.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        Parts::of(self.0, '[')
    }

    /// It as a name: a text that is not empty and not very long.
    pub(crate) fn name(self) -> Option<Cow<'a, str>> {
        (self.0.len() <= LONGEST_NAME).then(|| self.decode())?.filter(|name| !name.is_empty())
    }

    /// It as words, of which only the beginning is wanted.
    pub(crate) fn words(self) -> Option<Cow<'a, str>> {
        if self.0.len() <= LONGEST_LOOK {
            return self.decode();
        }
        let end = self.0.floor_char_boundary(LONGEST_LOOK);
        (0..=LONGEST_ESCAPE)
            .filter_map(|back| self.0.get(1..self.0.floor_char_boundary(end.checked_sub(back)?)))
            .find_map(unescape)
    }

    /// It as a number without sign or fraction.
    pub(crate) fn number(self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// Whether it is `true`.
    pub(crate) fn is_true(self) -> bool {
        self.0 == "true"
    }

    /// It as one of two.
    pub(crate) fn flag(self) -> Option<bool> {
        match self.0 {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// It as a text of any length.
    pub(crate) fn text(self) -> Option<String> {
        self.decode().map(Cow::into_owned)
    }

    fn decode(self) -> Option<Cow<'a, str>> {
        unescape(self.0.strip_prefix('"')?.strip_suffix('"')?)
    }
}

/// What stands between the quotes, decoded; nothing where an escape is cut or a surrogate stands alone.
fn unescape(inner: &str) -> Option<Cow<'_, str>> {
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str(&format!("\"{inner}\"")).ok().map(Cow::Owned)
}

/// The values directly inside an object or an array; an object's names count as values.
struct Parts<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str, open: char) -> Self {
        let inside = text.strip_prefix(open).and_then(|rest| rest.get(..rest.len().checked_sub(1)?));
        Self { text: inside.unwrap_or_default(), at: 0 }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let start = self.at + rest.iter().position(|byte| !is_between(*byte))?;
        let end = start + length(self.text.as_bytes().get(start..)?);
        self.at = end;
        self.text.get(start..end).map(Json)
    }
}

const fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')
}

/// The length of the value that `bytes` begin with.
fn length(bytes: &[u8]) -> usize {
    match bytes.first() {
        Some(b'"') => text_length(bytes),
        Some(b'{') => nest_length(bytes, b'{', b'}'),
        Some(b'[') => nest_length(bytes, b'[', b']'),
        _ => bytes.iter().position(|byte| is_between(*byte)).unwrap_or(bytes.len()),
    }
}

fn text_length(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

/// In valid JSON the other kind of bracket is balanced in between, so one kind is enough to count. Between texts there is
/// little, and a plain loop is faster there than a search.
fn nest_length(bytes: &[u8], open: u8, close: u8) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        if *byte == b'"' {
            at += text_length(&bytes[at..]);
            continue;
        }
        at += 1;
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at;
            }
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn json(text: &str) -> Json<'_> {
        Json::parse(text).unwrap()
    }

    #[test]
    fn a_field_is_found_by_its_decoded_name_and_the_last_one_counts() {
        let found = json(r#" {"a":1,"\u0061" : [1,{"a":"}"}] , "b":"\"a\""} "#).field("a").unwrap();
        assert_eq!(found.0, r#"[1,{"a":"}"}]"#);
        assert_eq!(found.items().nth(1).unwrap().field("a").unwrap().name().unwrap(), "}");
    }

    #[test]
    fn a_value_of_another_type_is_not_there() {
        for text in ["null", "[]", "\"x\"", "1", "-1.5e999", "true"] {
            assert_eq!(json(text).fields().count(), 0, "{text}");
            assert!(json(text).field("a").is_none());
        }
        assert_eq!(json("-1").number(), None);
        assert_eq!(json("18446744073709551616").number(), None);
        assert_eq!(json("1.0").number(), None);
        assert_eq!(json("{}").name(), None);
        assert_eq!(json("\"\"").name(), None);
    }

    #[test]
    fn a_lone_surrogate_is_valid_json_and_no_name() {
        assert_eq!(json(r#""\ud800""#).name(), None);
        assert_eq!(json(r#"{"\ud800":1,"a":2}"#).field("a").unwrap().number(), Some(2));
    }

    #[test]
    fn of_long_words_the_beginning_is_read_wherever_the_cut_falls() {
        for shift in 0..30 {
            let text = format!("\"{}{}\"", "x".repeat(shift), r"\ud83d\ude00é\\".repeat(4000));
            let words = json(&text).words().unwrap();
            assert!(words.len() > 300 && words.contains('😀'), "{shift}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let text = format!("{{\"deep\":{}{},\"a\":7}}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(json(&text).field("a").unwrap().number(), Some(7));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..6).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    fn same(value: &Value, seen: Json<'_>) -> bool {
        match value {
            Value::Object(map) => {
                map.len() == seen.fields().count()
                    && map.iter().all(|(name, value)| seen.field(name).is_some_and(|seen| same(value, seen)))
            }
            Value::Array(items) => {
                items.len() == seen.items().count()
                    && items.iter().zip(seen.items()).all(|(item, seen)| same(item, seen))
            }
            Value::String(text) => seen.decode().as_deref() == Some(text),
            Value::Number(number) => seen.number() == number.as_u64(),
            Value::Bool(flag) => seen.is_true() == *flag,
            Value::Null => seen.0 == "null",
        }
    }

    proptest! {
        #[test]
        fn it_sees_what_a_full_parse_sees(value in any_json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            prop_assert!(same(&value, json(&text)));
        }

        #[test]
        fn nothing_panics_even_on_what_is_not_json(text in "[\\[\\]{}\",:\\\\ua0 é]{0,60}") {
            let loose = Json(&text);
            for (_, value) in loose.fields() {
                let _ = (value.name(), value.words(), value.number());
            }
            let _ = (loose.items().count(), loose.field("a"), loose.words());
        }
    }
}
