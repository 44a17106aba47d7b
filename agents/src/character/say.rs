use std::collections::BTreeMap;

use super::fields::Fields;

/// The longest sentence.
const LONGEST: usize = 280;

/// What may stand in braces.
const PLACES: [&str; 7] = ["issue", "title", "words", "head", "change", "until", "why"];

macro_rules! moments {
    ($($(#[$meta:meta])* $variant:ident $name:literal,)*) => {
        /// When an agent says something of its own accord.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Moment { $($(#[$meta])* $variant,)* }

        impl Moment {
            const ALL: &[Self] = &[$(Self::$variant),*];

            const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

moments! {
    /// It takes an offer.
    Claimed "claimed",
    /// It pushed what it made.
    Pushed "pushed",
    /// It pushed what answers a review, a check or a conflict.
    Mended "mended",
    /// It approves.
    Approved "approved",
    /// It asks for changes.
    Refused "changes_requested",
    /// It has something to say and no judgement.
    Commented "commented",
    /// It takes no more for now.
    Resting "resting",
    /// It came to a limit.
    Incomplete "incomplete",
    /// It made nothing.
    Nothing "nothing",
    /// It was stopped.
    Stopped "stopped",
    /// It broke.
    Broken "broken",
    /// It cannot do this.
    GaveUp "gave_up",
}

/// What an agent says, by moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Say(BTreeMap<Moment, String>);

impl Say {
    pub(super) fn of(mut fields: Fields<'_>) -> Self {
        let read = |moment: &Moment| Some((*moment, fields.text(moment.name(), template)?));
        let said = Moment::ALL.iter().filter_map(read).collect();
        fields.end();
        Self(said)
    }

    /// The sentence for this moment, each place filled with its text.
    #[must_use]
    pub fn sentence(&self, moment: Moment, places: &[(&str, &str)]) -> String {
        let mut rest = self.0.get(&moment).map_or("", String::as_str);
        let mut sentence = String::new();
        // In one pass: what is filled in is data, and braces in it are only braces.
        while let Some((before, name, after)) = next_place(rest) {
            sentence.push_str(before);
            sentence.push_str(places.iter().find(|(place, _)| *place == name).map_or("", |(_, text)| text));
            rest = after;
        }
        sentence.push_str(rest);
        tidy(&sentence)
    }
}

fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

fn template(text: &str) -> Result<String, String> {
    let mut rest = text;
    while let Some((_, name, after)) = next_place(rest) {
        if !PLACES.contains(&name) {
            return Err(format!("nothing is filled in for {{{name}}}; there is {}", PLACES.join(", ")));
        }
        rest = after;
    }
    Ok(text.to_owned())
}

/// Words as they may be said: one or two lines, nothing that steers a terminal, not too long.
#[must_use]
pub(crate) fn tidy(words: &str) -> String {
    let line = |line: &str| line.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned();
    let lines: Vec<String> = words.lines().map(line).filter(|line| !line.is_empty()).take(2).collect();
    let whole = lines.join("\n");
    if whole.chars().count() <= LONGEST {
        return whole;
    }
    whole.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        let say = Say(BTreeMap::from([(Moment::Claimed, "{issue}: {title}".to_owned())]));
        let said = say.sentence(Moment::Claimed, &[("issue", "#1"), ("title", "use {issue} and \u{1b}[31m")]);
        assert_eq!(said, "#1: use {issue} and [31m");
    }

    #[test]
    fn words_are_short() {
        assert_eq!(tidy("one\n\n two \nthree"), "one\ntwo");
        assert_eq!(tidy(&"é".repeat(1000)).chars().count(), LONGEST);
    }
}
