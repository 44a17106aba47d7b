//! The words that people give orders and ask questions with: the table that the parser knows them by, and that
//! `docs/asks.md` is made of.

/// One word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Word {
    /// The word itself.
    pub name: &'static str,
    /// How it is said.
    pub form: &'static str,
    /// What it does.
    pub does: &'static str,
    /// What is answered.
    pub answer: &'static str,
    /// Whether it changes anything, so that only an operator may say it.
    pub changes: bool,
}

const fn asks(name: &'static str, form: &'static str, does: &'static str, answer: &'static str) -> Word {
    Word { name, form, does, answer, changes: false }
}

const fn orders(name: &'static str, form: &'static str, does: &'static str, answer: &'static str) -> Word {
    Word { name, form, does, answer, changes: true }
}

/// Every word.
pub const WORDS: [Word; 15] = [
    orders(
        "file",
        "file …",
        "makes an issue of the words, with the label that has it taken up: the first line is its title, the rest its text",
        "its number and address once GitHub has it, or GitHub's refusal",
    ),
    asks("status", "status", "counts what waits, what is in work and what is on its way", "one line"),
    asks("queue", "queue", "lists what waits for its turn", "a line an item"),
    asks("inbox", "inbox", "lists what waits for a person", "a line an item: who is asked, and what for"),
    asks(
        "why",
        "why #n",
        "asks why an item stands where it stands",
        "three lines: what it waits for, what happens next and when, what you can do",
    ),
    orders("approve", "approve #n", "grants what was asked for: this head may land, and no other", "who approved what"),
    orders("reject", "reject #n …", "refuses what was asked for; the item is cancelled", "who rejected it, and why"),
    orders("hold", "hold #n", "lets nothing begin and nothing land; what is under way goes on", "who holds it"),
    orders("release", "release #n", "ends the hold", "who let it go on"),
    orders("stop", "stop #n", "has whoever works on it stop at the next turn; what was pushed stays", "who stopped it"),
    orders("resume", "resume #n", "ends the stop, from where it stands", "who resumed it"),
    orders(
        "retry",
        "retry #n",
        "tries once more from where it stands, with nothing counted against it",
        "who retries it",
    ),
    orders("cancel", "cancel #n", "ends the item: it is not to be done", "who cancelled it"),
    orders(
        "land",
        "land #n because …",
        "lands it without its review, with green checks all the same; the reason is on record",
        "who lands which commit, and why",
    ),
    asks("help", "help", "names these words", "one line"),
];

/// All words in one line.
#[must_use]
pub fn help() -> String {
    WORDS.map(|word| word.form).join(" · ")
}
